using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The messages of a loaded folder: the UID list, which is shared with sessions, and an entry for each UID at the same index.</summary>
internal sealed class MessageTable
{
    private MessageEntry[] _entries;

    public MessageTable(UidList uids, MessageEntry[] entries)
    {
        Uids = uids;
        _entries = entries;
    }

    public UidList Uids { get; private set; }

    public int Count => Uids.Count;

    public ref MessageEntry this[int position] => ref _entries[position];

    public void Add(uint uid, in MessageEntry entry)
    {
        var position = Uids.Count;
        if (position == _entries.Length) Array.Resize(ref _entries, Math.Max(16, position + (position / 2)));
        _entries[position] = entry;
        Uids = Uids.Add(uid);
    }

    /// <summary>Removes messages, all of which must exist.</summary>
    public void Remove(ReadOnlySpan<uint> ascending)
    {
        var span = Uids.Span;
        int kept = 0, next = 0;
        for (var i = 0; i < span.Length; i++)
        {
            if (next < ascending.Length && ascending[next] == span[i]) next++;
            else _entries[kept++] = _entries[i];
        }

        Array.Clear(_entries, kept, span.Length - kept);
        Uids = Uids.Remove(ascending);
    }

    /// <summary>Returns the positions of those of <paramref name="ascending"/> that exist.</summary>
    public int[] Positions(ReadOnlySpan<uint> ascending)
    {
        var found = new int[ascending.Length];
        var uids = Uids.Span;
        int count = 0, next = 0;
        foreach (var uid in ascending)
        {
            // Optimised for runs of consecutive messages.
            if (next >= uids.Length || uids[next] != uid)
            {
                var index = uids[Math.Min(next, uids.Length)..].BinarySearch(uid);
                if (index < 0) continue;
                next += index;
            }

            found[count++] = next++;
        }

        return count == found.Length ? found : found[..count];
    }
}
