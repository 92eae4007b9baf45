using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.TextIndex;

/// <summary>A bit for each message of a folder: whether it may contain a text.</summary>
internal sealed class MessageBits
{
    private readonly UidList _uids;
    private readonly ulong[] _bits;

    /// <summary>All messages may contain the text.</summary>
    public MessageBits(UidList uids)
    {
        _uids = uids;
        _bits = new ulong[(uids.Count + 63) / 64];
        Array.Fill(_bits, ulong.MaxValue);
    }

    /// <summary>Whether a message may contain the text; true for messages that are newer than the bits.</summary>
    public bool Contains(uint uid) => _uids.IndexOf(uid) is var at && (at < 0 || IsSet(at));

    /// <summary>Sets the bits of indexed messages. Returns how many of them are in the folder.</summary>
    /// <param name="folder">The folder part of the keys.</param>
    /// <param name="keys">The messages of a segment.</param>
    /// <param name="found">A bit for each of these.</param>
    public int Set(long folder, long[] keys, ulong[] found)
    {
        var uids = _uids.Span;
        int count = 0, next = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] >> 32 != folder) continue;
            var uid = (uint)keys[i];
            // Most messages of a segment follow each other in the folder.
            var at = next < uids.Length && uids[next] == uid ? next : uids.BinarySearch(uid);
            if (at < 0) continue;
            next = at + 1;
            count++;
            if ((found[i >> 6] & (1UL << (i & 63))) == 0) _bits[at >> 6] &= ~(1UL << (at & 63));
        }

        return count;
    }

    public void And(MessageBits other)
    {
        for (var i = 0; i < _bits.Length; i++) _bits[i] &= other._bits[i];
    }

    public void Or(MessageBits other)
    {
        for (var i = 0; i < _bits.Length; i++) _bits[i] |= other._bits[i];
    }

    public MessageBits Copy()
    {
        var copy = new MessageBits(_uids);
        _bits.CopyTo(copy._bits, 0);
        return copy;
    }

    private bool IsSet(int at) => (_bits[at >> 6] & (1UL << (at & 63))) != 0;
}
