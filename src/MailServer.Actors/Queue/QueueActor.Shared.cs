using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

// In a cluster the partitions are on any node, and the spool is everybody's: a node that starts asks them about its own files only.
internal sealed partial class QueueActor
{
    private const int AskedAtOnce = 1_000;
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(20);

    private readonly HashSet<int> _asked = [];

    private void FindOrphans()
    {
        foreach (var group in _services.SpooledAtStart.GroupBy(PartitionOf))
        {
            _asked.Add(group.Key);
            foreach (var some in group.Chunk(AskedAtOnce)) _shards!.Tell(group.Key, new QueueProtocol.Find(group.Key, some), Self);
        }

        if (_asked.Count > 0) Timers.StartSingleTimer(nameof(LookForOrphans), LookForOrphans.Instance, s_askAgain);
    }

    /// <summary>A file that no partition knows was never acknowledged.</summary>
    private void OnUnknown(QueueProtocol.Unknown unknown)
    {
        foreach (var orphan in unknown.Messages) _services.Spool.Remove(orphan);
        if (unknown.Messages.Count > 0) LogOrphans(unknown.Messages.Count);
        _services.SpooledAtStart = [.. _services.SpooledAtStart.Where(m => PartitionOf(m) != unknown.Partition)];
        _asked.Remove(unknown.Partition);
        if (_asked.Count == 0) Timers.Cancel(nameof(LookForOrphans));
    }

    private sealed record LookForOrphans
    {
        public static LookForOrphans Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Orphans} files that this node left in the spool were never acknowledged and are removed")]
    private partial void LogOrphans(int orphans);
}
