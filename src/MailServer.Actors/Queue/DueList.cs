using MailServer.Domain.Messages;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Queue;

/// <summary>The times at which messages are due. A stale entry is harmless: the message is checked once too often.</summary>
internal sealed class DueList
{
    private readonly PriorityQueue<SpoolId, DateTimeOffset> _entries = new();
    private readonly Dictionary<SpoolId, DateTimeOffset> _earliest = [];

    private DateTimeOffset _lastLook = DateTimeOffset.MinValue;

    public DateTimeOffset? Next => _entries.TryPeek(out _, out var at) ? at : null;

    /// <summary>True when this is now the earliest entry.</summary>
    public bool Add(SpoolId message, DateTimeOffset at)
    {
        // An earlier entry also covers the later one.
        if (_earliest.TryGetValue(message, out var earlier) && earlier <= at) return false;
        _earliest[message] = at;
        _entries.Enqueue(message, at);
        return Next == at;
    }

    /// <summary>
    /// Makes all entries due now if the clock was set back, since near entries may then lie far ahead. An entry that is processed too early is harmless.
    /// </summary>
    public void Rewind(DateTimeOffset now)
    {
        var isSetBack = _lastLook - now > StoredTime.Slack;
        _lastLook = now;
        if (!isSetBack || _entries.Count == 0) return;
        var all = _earliest.Keys.ToArray();
        _entries.Clear();
        _earliest.Clear();
        foreach (var message in all) Add(message, now);
    }

    public bool TryTake(DateTimeOffset now, out SpoolId message)
    {
        if (!_entries.TryPeek(out message, out var at) || at > now) return false;
        _entries.Dequeue();
        if (_earliest.TryGetValue(message, out var earliest) && earliest == at) _earliest.Remove(message);
        return true;
    }

    /// <summary>Sent by the timer.</summary>
    internal sealed record DueTick
    {
        public static DueTick Instance { get; } = new();
    }
}
