namespace MailServer.Domain.Mailboxes;

/// <summary>
/// The UIDs of a folder at one moment, ascending; index 0 is sequence number 1. Immutable to its readers and cheap to share:
/// lists that grew from one another lie over the same array, so a thousand sessions on one folder hold it once.
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

    /// <summary>The UID at a zero-based position.</summary>
    public uint this[int index] => Span[index];

    /// <summary>The highest UID, 0 when empty.</summary>
    public uint Last => Count == 0 ? 0 : _uids[Count - 1];

    /// <summary>Takes ownership of <paramref name="ascending"/>.</summary>
    public static UidList Own(uint[] ascending) => new(ascending, ascending.Length);

    /// <summary>This list and one UID more. Only the newest list of a line may be added to, and only by the folder's owner.</summary>
    public UidList Add(uint uid)
    {
        if (uid <= Last) throw new ArgumentOutOfRangeException(nameof(uid), uid, $"a UID must rise above {Last}");
        var uids = _uids;
        // The slot behind the newest list is free; behind an older one a successor has written (its UID is never 0).
        if (Count == uids.Length || uids[Count] != 0)
        {
            uids = new uint[Math.Max(16, Count + (Count / 2))];
            _uids.AsSpan(0, Count).CopyTo(uids);
        }

        uids[Count] = uid;
        return new UidList(uids, Count + 1);
    }

    /// <summary>This list without those in <paramref name="removed"/> (ascending).</summary>
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

    /// <summary>The zero-based position of <paramref name="uid"/>, or the complement of where it would stand.</summary>
    public int IndexOf(uint uid) => Span.BinarySearch(uid);

    public bool Contains(uint uid) => IndexOf(uid) >= 0;

    /// <summary>How many UIDs from the start are the same in both; cheap when one list grew from the other.</summary>
    public int CommonPrefix(UidList other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(_uids, other._uids) ? Math.Min(Count, other.Count) : Span.CommonPrefixLength(other.Span);
    }
}
