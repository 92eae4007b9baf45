using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.TextIndex;

/// <summary>What the index knows about a text.</summary>
/// <param name="May">The messages that may contain it; the others do not.</param>
/// <param name="Sure">The messages that contain it for certain.</param>
internal sealed record TextMatches(MessageBits May, MessageBits Sure);

/// <summary>A bit for each message of a folder.</summary>
internal sealed class MessageBits
{
    private readonly UidList _uids;
    private readonly ulong[] _bits;

    private readonly bool _isSet;

    /// <param name="uids">The messages.</param>
    /// <param name="isSet">What is known of messages that are not indexed.</param>
    public MessageBits(UidList uids, bool isSet)
    {
        (_uids, _isSet) = (uids, isSet);
        _bits = new ulong[(uids.Count + 63) / 64];
        if (isSet) Array.Fill(_bits, ulong.MaxValue);
    }

    public bool Contains(uint uid) => _uids.IndexOf(uid) is var at && (at < 0 ? _isSet : IsSet(at));

    /// <summary>Sets or clears the bits of indexed messages. Returns how many of them are in the folder.</summary>
    /// <param name="folder">The folder part of the keys.</param>
    /// <param name="keys">The messages of a segment.</param>
    /// <param name="found">A bit for each of these.</param>
    public int Put(long folder, long[] keys, ulong[] found)
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
            else _bits[at >> 6] |= 1UL << (at & 63);
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
        var copy = new MessageBits(_uids, _isSet);
        _bits.CopyTo(copy._bits, 0);
        return copy;
    }

    private bool IsSet(int at) => (_bits[at >> 6] & (1UL << (at & 63))) != 0;
}
