namespace MailServer.Domain.Mailboxes;

/// <summary>
/// The UIDs of a folder at one point in time, ascending; index 0 is sequence number 1. Immutable for readers and
/// cheap to share: lists derived by appending share one array, so a thousand sessions on a folder store it once.
/// </summary>
public sealed class UidList
{
    private readonly uint[] _uids;

    private UidList(uint[] uids, int count)
    {
        _uids = uids;
        Count = count;
    }

    public static UidList Empty { get; } = new([], 0);

    public int Count { get; }

    public ReadOnlySpan<uint> Span => _uids.AsSpan(0, Count);

    public ReadOnlyMemory<uint> Memory => _uids.AsMemory(0, Count);

    /// <summary>Returns the UID at a zero-based index.</summary>
    public uint this[int index] => Span[index];

    /// <summary>The highest UID; 0 if the list is empty.</summary>
    public uint Last => Count == 0 ? 0 : _uids[Count - 1];

    /// <summary>Creates a list that takes ownership of <paramref name="ascending"/>.</summary>
    public static UidList TakeOwnership(uint[] ascending) => new(ascending, ascending.Length);

    /// <summary>Returns this list with one more UID. Only the owner of the folder may call it, and normally on its newest list.</summary>
    public UidList Add(uint uid)
    {
        if (uid <= Last) throw new ArgumentOutOfRangeException(nameof(uid), uid, $"a new UID must be higher than {Last}");
        var uids = _uids;
        // The slot after the newest list is free (0). After an older list it contains the UID of a successor, so the array must be copied.
        if (Count == uids.Length || uids[Count] != 0)
        {
            uids = new uint[Math.Max(16, Count + (Count / 2))];
            _uids.AsSpan(0, Count).CopyTo(uids);
        }

        uids[Count] = uid;
        return new UidList(uids, Count + 1);
    }

    /// <summary>Returns this list without <paramref name="removed"/> (ascending).</summary>
    public UidList Remove(ReadOnlySpan<uint> removed)
    {
        if (removed.IsEmpty) return this;
        var kept = new uint[Count + 16];
        int count = 0, next = 0;
        foreach (var uid in Span)
        {
            while (next < removed.Length && removed[next] < uid) next++;
            if (next < removed.Length && removed[next] == uid) continue;
            kept[count++] = uid;
        }

        return count == Count ? this : new UidList(kept, count);
    }

    /// <summary>Returns the zero-based index of <paramref name="uid"/>, or the bitwise complement of its insertion point.</summary>
    public int IndexOf(uint uid) => Span.BinarySearch(uid);

    public bool Contains(uint uid) => IndexOf(uid) >= 0;

    /// <summary>Returns the number of leading UIDs that both lists share; cheap if one list was derived from the other.</summary>
    public int CommonPrefix(UidList other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(_uids, other._uids) ? Math.Min(Count, other.Count) : Span.CommonPrefixLength(other.Span);
    }
}
