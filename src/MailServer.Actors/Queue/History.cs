using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>What happened to messages since the process started, for who asks; a bounded number of steps and of finished messages.</summary>
internal sealed class History(int finished)
{
    private const int MostSteps = 200;

    private readonly Dictionary<SpoolId, List<QueueStep>> _steps = [];
    private readonly Queue<QueueItem> _finished = new();

    public void Add(QueueEvent happened, QueueItem item, DateTimeOffset now)
    {
        switch (happened)
        {
            case QueueEvent.Attempted attempted:
                Add(item, attempted.Results.Select(r => new QueueStep(attempted.At, item.Recipients[r.Recipient].Address.ToString(), Tell(attempted, r))));
                break;
            case QueueEvent.Noticed noticed:
                Add(item, noticed.Recipients.Select(r => new QueueStep(now, item.Recipients[r].Address.ToString(), "the sender was told")));
                break;
            case QueueEvent.Deleted:
                Add(item, [new QueueStep(now, "", "deleted by hand")]);
                break;
        }

        if (!item.IsFinished && happened is not QueueEvent.Deleted) return;
        _finished.Enqueue(item);
        if (_finished.Count > finished) _steps.Remove(_finished.Dequeue().Message);
    }

    public IReadOnlyList<QueueStory> Find(string id, QueueState state) =>
        [.. state.Items.Concat(_finished).Where(i => i.Message.Value == id || Bare(i.MessageId) == Bare(id)).Select(i => new QueueStory(i, Steps(i)))];

    private void Add(QueueItem item, IEnumerable<QueueStep> steps)
    {
        if (!_steps.TryGetValue(item.Message, out var story)) _steps[item.Message] = story = [];
        if (story.Count < MostSteps) story.AddRange(steps);
    }

    private List<QueueStep> Steps(QueueItem item)
    {
        if (_steps.GetValueOrDefault(item.Message) is { Count: > 0 } steps) return steps;
        // Of the time before the process started the last attempt is known.
        return [.. item.Recipients.Where(static r => r.Last is not null).Select(static r => new QueueStep(r.Last!.At, r.Address.ToString(), $"{r.Last.Host}: {r.Last.Reply}"))];
    }

    private static string Tell(QueueEvent.Attempted attempted, AttemptResult result)
    {
        var how = attempted.Host.Length == 0 ? "" : $" by {attempted.Host}" + (attempted.Tls.Length == 0 ? "" : $" (TLS {attempted.Tls})");
        return $"{(result.State == RecipientState.Waiting ? "deferred" : result.State.ToString().ToLowerInvariant())}{how}: {result.Reply}";
    }

    private static string? Bare(string? messageId) => messageId?.Trim().Trim('<', '>');
}
