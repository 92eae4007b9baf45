using MailServer.Domain.Messages;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Queue;

/// <summary>Which message is to be looked at next. An entry that has become wrong does no harm: the message is looked at once too often.</summary>
internal sealed class DueList
{
    private readonly PriorityQueue<SpoolId, DateTimeOffset> _entries = new();
    private readonly Dictionary<SpoolId, DateTimeOffset> _earliest = [];

    private DateTimeOffset _lastLook = DateTimeOffset.MinValue;

    public DateTimeOffset? Next => _entries.TryPeek(out _, out var at) ? at : null;

    /// <summary>True when it is the next of all.</summary>
    public bool Add(SpoolId message, DateTimeOffset at)
    {
        // One that comes sooner will bring the later one with it.
        if (_earliest.TryGetValue(message, out var earlier) && earlier <= at) return false;
        _earliest[message] = at;
        _entries.Enqueue(message, at);
        return Next == at;
    }

    /// <summary>
    /// After the clock was set back, entries may lie far ahead that were near when they were added: then all are looked at now. An entry taken too
    /// early does no harm.
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

    /// <summary>The timer's message.</summary>
    internal sealed record Wake
    {
        public static Wake Instance { get; } = new();
    }
}
