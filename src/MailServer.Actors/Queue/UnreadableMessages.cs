using System.Collections.Concurrent;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>The queued messages whose spool files cannot be read now, reported as one problem. Thread-safe.</summary>
internal sealed class UnreadableMessages(NodeProblems problems)
{
    internal const string Subject = "spool files";
    private const int Most = 1_000;

    private readonly ConcurrentDictionary<SpoolId, string> _reasons = new();

    public void Add(SpoolId message, string reason)
    {
        if (_reasons.Count < Most) _reasons[message] = reason;
        Report();
    }

    /// <summary>Forgets a message that could be read, or that has left the queue.</summary>
    public void Remove(SpoolId message)
    {
        if (!_reasons.TryRemove(message, out _)) return;
        if (_reasons.IsEmpty) problems.Clear(Subject);
        else Report();
    }

    private void Report()
    {
        if (_reasons.MinBy(static r => r.Key.Value, StringComparer.Ordinal) is not { Value: { } reason }) return;
        problems.Report(new NodeProblem(
            Subject, $"{Quantity.Of(_reasons.Count, "queued message")} cannot be read from the spool, among them: {reason}; they wait, and are returned to their senders when they are too old",
            "check the disk and the owner of the files, or put the files back; the server tries again automatically"));
    }
}
