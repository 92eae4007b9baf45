using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Health;

namespace MailServer.Storage.Tracing;

/// <summary>
/// The message trace in <c>trace.db</c>, used only to answer queries about the fate of
/// messages. A crash may lose its last entries, and a damaged file is replaced by an empty one.
/// </summary>
public sealed class TraceStore : IDisposable
{
    private readonly RebuildableStore<TraceTables> _tables;

    private TraceStore(RebuildableStore<TraceTables> tables) => _tables = tables;

    public static TraceStore Open(string path, StoreProblems? problems = null) =>
        new(new RebuildableStore<TraceTables>(DatabaseKind.Trace, path, TraceTables.Open, problems ?? StoreProblems.Discarding, TimeProvider.System));

    /// <summary>Appends steps in order, in one transaction.</summary>
    public void Add(IReadOnlyList<TraceStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        _tables.Do(tables => tables.Add(steps));
    }

    /// <summary>Returns the traces of the latest messages with this spool id or Message-ID, oldest first.</summary>
    public IReadOnlyList<MessageTraceRecord> Find(string id) => _tables.Do(tables => tables.Find(id));

    /// <summary>Removes messages without events since <paramref name="before"/>, and the oldest beyond <paramref name="most"/>.</summary>
    public void Prune(DateTimeOffset before, int most) => _tables.Do(tables => tables.Prune(before, most));

    public void Dispose() => _tables.Dispose();
}

/// <summary>A message and its events in chronological order.</summary>
public sealed record MessageTraceRecord(SpoolId Message, string? MessageId, IReadOnlyList<TraceStep> Steps);
