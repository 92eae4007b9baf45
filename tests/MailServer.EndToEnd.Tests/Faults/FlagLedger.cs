using System.Diagnostics;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>What one message in one folder may look like: its flags, or null when it is not there.</summary>
public sealed record MessageState(IReadOnlySet<string>? Flags)
{
    public static MessageState Absent { get; } = new((IReadOnlySet<string>?)null);

    public static MessageState Of(IEnumerable<string> flags) => new(flags.ToHashSet(StringComparer.OrdinalIgnoreCase));

    public bool Is(MessageState other) => Flags is null || other.Flags is null ? Flags is null && other.Flags is null : Flags.SetEquals(other.Flags);

    public override string ToString() => Flags is null ? "absent" : $"({string.Join(' ', Flags.Order(StringComparer.Ordinal))})";
}

/// <summary>One state that a client asked for, and when the server acknowledged it.</summary>
public sealed class LedgerEntry(MessageState state)
{
    private const long NotYet = long.MaxValue;
    private long _acknowledged = NotYet;

    public MessageState State => state;

    public void Acknowledge() => _acknowledged = Stopwatch.GetTimestamp();

    public bool IsAcknowledgedBefore(long moment) => _acknowledged < moment;
}

/// <summary>The history of one message in one folder.</summary>
public sealed class MessageLedger(string marker, string date)
{
    private readonly List<LedgerEntry> _entries = [];

    public string Marker => marker;

    /// <summary>INTERNALDATE as the client gave it; empty when it gave none.</summary>
    public string Date => date;

    /// <summary>As the client that made the history knows it.</summary>
    public MessageState Latest => _entries[^1].State;

    public LedgerEntry Ask(MessageState state)
    {
        var entry = new LedgerEntry(state);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Begins again with what was found on the disk.</summary>
    public void Settle(MessageState found)
    {
        _entries.Clear();
        Ask(found).Acknowledge();
    }

    /// <summary>
    /// What is wrong with what was found after a power cut; null when nothing is. A state that was acknowledged before <paramref name="certain"/>
    /// holds, or any that was asked for later. The message itself is certain as soon as it was acknowledged before <paramref name="cut"/>.
    /// </summary>
    public string? Judge(MessageState found, long certain, long cut)
    {
        var from = _entries.FindLastIndex(e => e.IsAcknowledgedBefore(certain));
        var allowed = _entries.Skip(Math.Max(0, from)).Select(e => e.State).ToList();
        if (allowed.Any(found.Is)) return null;
        // Not yet certain as a whole: of the message's first flags, keywords may be missing.
        if (from < 0 && found.Flags is not null) return null;
        if (from < 0 && !_entries[0].IsAcknowledgedBefore(cut)) return null;
        return $"{marker} is {found}, allowed: {string.Join(" or ", allowed)}";
    }

    /// <summary>How many acknowledged states the cut took.</summary>
    public int LostWithin(MessageState found, long cut) =>
        Math.Max(0, _entries.FindLastIndex(e => e.IsAcknowledgedBefore(cut)) - _entries.FindLastIndex(e => e.State.Is(found)));

    public int CountAcknowledged(long cut) => _entries.Count(e => e.IsAcknowledgedBefore(cut));
}
