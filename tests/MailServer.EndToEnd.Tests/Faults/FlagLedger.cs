using System.Diagnostics;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>A possible state of one message in one folder: its flags, or null when it is absent.</summary>
public sealed record MessageState(IReadOnlySet<string>? Flags)
{
    public static MessageState Absent { get; } = new((IReadOnlySet<string>?)null);

    public static MessageState Of(IEnumerable<string> flags) => new(flags.ToHashSet(StringComparer.OrdinalIgnoreCase));

    public bool Is(MessageState other) => Flags is null || other.Flags is null ? Flags is null && other.Flags is null : Flags.SetEquals(other.Flags);

    public override string ToString() => Flags is null ? "absent" : $"({string.Join(' ', Flags.Order(StringComparer.Ordinal))})";
}

/// <summary>A state requested by a client, and when the server acknowledged it.</summary>
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

    /// <summary>The INTERNALDATE given by the client; empty if none.</summary>
    public string Date => date;

    /// <summary>The last state known to the client.</summary>
    public MessageState Latest => _entries[^1].State;

    public LedgerEntry Ask(MessageState state)
    {
        var entry = new LedgerEntry(state);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Starts over with the state found on the disk.</summary>
    public void Settle(MessageState found)
    {
        _entries.Clear();
        Ask(found).Acknowledge();
    }

    /// <summary>
    /// Returns what is wrong with the state found after a power cut; null if nothing. A state acknowledged before <paramref name="certain"/>
    /// must hold, or any later one. The message itself is durable once acknowledged before <paramref name="cut"/>.
    /// </summary>
    public string? Judge(MessageState found, long certain, long cut)
    {
        var from = _entries.FindLastIndex(e => e.IsAcknowledgedBefore(certain));
        var allowed = _entries.Skip(Math.Max(0, from)).Select(e => e.State).ToList();
        if (allowed.Any(found.Is)) return null;
        // The flags are not yet durable: some of the first keywords may be missing.
        if (from < 0 && found.Flags is not null) return null;
        if (from < 0 && !_entries[0].IsAcknowledgedBefore(cut)) return null;
        return $"{marker} is {found}, allowed: {string.Join(" or ", allowed)}";
    }

    /// <summary>The number of acknowledged states lost in the power cut.</summary>
    public int LostWithin(MessageState found, long cut) =>
        Math.Max(0, _entries.FindLastIndex(e => e.IsAcknowledgedBefore(cut)) - _entries.FindLastIndex(e => e.State.Is(found)));

    public int CountAcknowledged(long cut) => _entries.Count(e => e.IsAcknowledgedBefore(cut));
}
