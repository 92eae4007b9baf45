using MailServer.Domain.Delivery;

namespace MailServer.Actors.Queue;

/// <summary>The trace steps for an event of the queue.</summary>
internal static class QueueTraceSteps
{
    public static IEnumerable<TraceStep> Of(QueueEvent happened, QueueItem item, DateTimeOffset now)
    {
        IEnumerable<TraceStep> steps = happened switch
        {
            QueueEvent.Attempted attempted => attempted.Results.Select(r => Step(item, attempted.At, r.Recipient, Tell(attempted, r))),
            QueueEvent.NoticeSent noticed => noticed.Recipients.Select(r => Step(item, now, r, "the sender was notified")),
            QueueEvent.Rescheduled rescheduled => [new TraceStep(item.Message, null, now, "", rescheduled.Held ? "held by an administrator" : "released or retried by an administrator")],
            QueueEvent.Deleted => [new TraceStep(item.Message, null, now, "", "deleted by an administrator")],
            _ => [],
        };
        return item.IsFinished ? steps.Append(new TraceStep(item.Message, null, now, "", "left the queue")) : steps;
    }

    private static TraceStep Step(QueueItem item, DateTimeOffset at, int recipient, string what) => new(item.Message, null, at, item.Recipients[recipient].Address.ToString(), what);

    private static string Tell(QueueEvent.Attempted attempted, AttemptResult result)
    {
        var how = attempted.Host.Length == 0 ? "" : $" by {attempted.Host}" + (attempted.Tls.Length == 0 ? "" : $" (TLS {attempted.Tls})");
        var next = result.State == RecipientState.Waiting ? $"; next attempt {result.Next:yyyy-MM-dd HH:mm:ss}Z" : "";
        return $"{(result.State == RecipientState.Waiting ? "deferred" : result.State.ToString().ToLowerInvariant())}{how}: {result.Reply}{next}";
    }
}
