using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Entities;
using MailServer.Actors.Tracing;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Tracing;

namespace MailServer.Actors.Queue;

/// <summary>The queue for the admin API: queries all partitions and combines their answers.</summary>
public sealed class QueueAdministration(ActorRegistry actors, MessageTrace trace, QueuePauses? pauses = null)
{
    private static readonly TimeSpan Patience = RequestRules.ReadQueue.Answer;
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(3);

    private const int LeastAsked = 16;

    // The partitions write these together; more at once would only wait.
    private const int ChangedAtOnce = 256;

    /// <summary>The destinations to which nothing is sent for now.</summary>
    public QueuePauses Pauses { get; } = pauses ?? QueuePauses.InMemory();

    private IActorRef Queue => actors.Get<QueueActor>();

    /// <summary>
    /// The oldest <paramref name="max"/> messages and the total number. Each part is asked for its share first, and for more only if some of its messages that it did not name may be among the oldest.
    /// </summary>
    /// <exception cref="QueueUnavailableException">A part of the queue cannot answer.</exception>
    public async Task<QueueProtocol.Listed> ListAsync(int max, CancellationToken cancel)
    {
        var asked = Enumerable.Repeat(Math.Min(max, (max / QueueActor.Partitions * 2) + LeastAsked), QueueActor.Partitions).ToArray();
        var parts = await AskAllAsync<QueueProtocol.Listed>(partition => new QueueProtocol.List(partition, asked[partition]), cancel);
        while (true)
        {
            QueueItem[] oldest = [.. parts.SelectMany(static p => p.Items).OrderBy(static i => i.QueuedAt).Take(max)];
            var incomplete = Enumerable.Range(0, parts.Length).Where(i => parts[i].Items.Count < Math.Min(parts[i].Count, max) && (oldest.Length < max || parts[i].Items[^1].QueuedAt < oldest[^1].QueuedAt)).ToArray();
            if (incomplete.Length == 0) return new QueueProtocol.Listed(oldest, parts.Sum(static p => p.Count));
            await Task.WhenAll(incomplete.Select(async i =>
            {
                asked[i] = Math.Min(max, asked[i] * 4);
                parts[i] = await Queue.Ask<QueueProtocol.Listed>(new QueueProtocol.List(i, asked[i]), Patience, cancel);
            }));
        }
    }

    /// <summary>A page of the oldest matching messages, after the last message of the previous page. The first page includes the total number of matches.</summary>
    /// <exception cref="QueueUnavailableException">A part of the queue cannot answer.</exception>
    public async Task<QueueProtocol.Listed> SearchAsync(QueueFilter filter, SpoolId? after, int max, CancellationToken cancel)
    {
        var parts = await AskAllAsync<QueueProtocol.Listed>(partition => new QueueProtocol.Search(partition, max, after, filter), cancel);
        var oldest = parts.SelectMany(static p => p.Items).OrderBy(static i => i.Message.Value, StringComparer.Ordinal).Take(max);
        return new QueueProtocol.Listed([.. oldest], parts.Sum(static p => p.Count));
    }

    /// <summary>Applies a change to every matching message, or only counts what it would change.</summary>
    /// <exception cref="QueueUnavailableException">A part of the queue cannot answer; changes made before that remain.</exception>
    public async Task<QueueChangeSummary> ChangeAllAsync(QueueFilter filter, QueueChange what, bool isDry, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var (messages, recipients, unchanged, paused) = (0, 0, 0, 0);
        var page = await SearchAsync(filter, after: null, ChangedAtOnce, cancel);
        // Limited to the number of current matches, so that new messages cannot make this endless. Queue times are no criterion, because the clock may
        // have been ahead.
        for (var left = page.Count; left > 0 && page.Items.Count > 0;)
        {
            QueueItem[] items = [.. page.Items.Take(left)];
            var done = isDry ? [.. items.Select(item => Preview(item, what))] : await Task.WhenAll(items.Select(item => ChangeAsync(item, what, cancel)));
            messages += done.Count(static d => d.Outcome == QueueChangeOutcome.Changed);
            recipients += done.Where(static d => d.Outcome == QueueChangeOutcome.Changed).Sum(static d => d.Recipients);
            paused += done.Count(static d => d.Outcome == QueueChangeOutcome.Paused);
            unchanged += done.Count(static d => d.Outcome is not (QueueChangeOutcome.Changed or QueueChangeOutcome.NotQueued));

            left -= items.Length;
            if (left > 0) page = await SearchAsync(filter, items[^1].Message, ChangedAtOnce, cancel);
        }

        return new QueueChangeSummary(messages, recipients, unchanged, paused);
    }

    /// <summary>The number of messages and the time of the oldest, from the partitions that answer soon.</summary>
    public Task<QueueSummary> SummarizeAsync(CancellationToken cancel) => SummarizeAsync(Queue, cancel);

    /// <summary>The same from the actor of the queue.</summary>
    internal static async Task<QueueSummary> SummarizeAsync(IActorRef queue, CancellationToken cancel)
    {
        var parts = await Task.WhenAll(Enumerable.Range(0, QueueActor.Partitions).Select(partition => FindSummaryAsync(queue, partition, cancel)));
        var answers = parts.OfType<QueueProtocol.Listed>().ToArray();
        return new QueueSummary(answers.Sum(static p => p.Count), answers.Min(static p => p.Items is [var oldest, ..] ? oldest.QueuedAt : (DateTimeOffset?)null), parts.Length - answers.Length, parts.Length);
    }

    /// <summary>Null if the partition does not answer soon.</summary>
    private static async Task<QueueProtocol.Listed?> FindSummaryAsync(IActorRef queue, int partition, CancellationToken cancel)
    {
        try
        {
            return await queue.Ask<QueueProtocol.Listed>(new QueueProtocol.List(partition, 1), ShortPatience, cancel);
        }
        catch (Exception e) when (e is QueueUnavailableException or AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>The history of the messages with this spool id or Message-ID, including finished ones.</summary>
    public async Task<IReadOnlyList<MessageHistory>> TraceAsync(string id, CancellationToken cancel)
    {
        var traced = await Task.Run(() => trace.Find(id), cancel);
        // A message queued before tracing existed, or whose first steps were dropped, is still in the queue.
        if (!traced.Any(t => t.Message.Value == id) && SpoolId.TryParse(id, out var message)) traced = [.. traced, new MessageTraceRecord(message, null, [])];
        var items = await Task.WhenAll(traced.Select(t => Queue.Ask<QueueProtocol.MessageFound>(new QueueProtocol.GetMessage(t.Message), Patience, cancel)));
        return [.. traced.Zip(items, static (t, i) => new MessageHistory(t.Message, t.MessageId ?? i.Item?.MessageId, i.Item, t.Steps)).Where(static s => s.Item is not null || s.Steps.Count > 0)];
    }

    /// <summary>Changes one message and tells what that did.</summary>
    public async Task<QueueProtocol.Changed> ChangeAsync(SpoolId message, QueueChange what, CancellationToken cancel)
    {
        if (what != QueueChange.Retry || Pauses.List().Count == 0) return await SendAsync(message, what, cancel);
        return (await Queue.Ask<QueueProtocol.MessageFound>(new QueueProtocol.GetMessage(message), Patience, cancel)).Item is { } item
            ? await ChangeAsync(item, what, cancel)
            : new QueueProtocol.Changed(QueueChangeOutcome.NotQueued, 0);
    }

    /// <summary>A retry cannot do anything for a message whose destinations are paused.</summary>
    private Task<QueueProtocol.Changed> ChangeAsync(QueueItem item, QueueChange what, CancellationToken cancel) => what == QueueChange.Retry && !item.IsHeld && Pauses.IsPaused(item)
        ? Task.FromResult(Preview(item, what))
        : SendAsync(item.Message, what, cancel);

    private Task<QueueProtocol.Changed> SendAsync(SpoolId message, QueueChange what, CancellationToken cancel) =>
        Queue.Ask<QueueProtocol.Changed>(new QueueProtocol.Change(message, what), RequestRules.ChangeQueue.Answer, cancel);

    /// <summary>Tells what a change would do to one message.</summary>
    public async Task<QueueProtocol.Changed> PreviewAsync(SpoolId message, QueueChange what, CancellationToken cancel) =>
        (await Queue.Ask<QueueProtocol.MessageFound>(new QueueProtocol.GetMessage(message), Patience, cancel)).Item is { } item
            ? Preview(item, what)
            : new QueueProtocol.Changed(QueueChangeOutcome.NotQueued, 0);

    private QueueProtocol.Changed Preview(QueueItem item, QueueChange what)
    {
        var outcome = QueueChangeRule.OutcomeOf(what, item);
        return new QueueProtocol.Changed(what == QueueChange.Retry && outcome == QueueChangeOutcome.Changed && Pauses.IsPaused(item) ? QueueChangeOutcome.Paused : outcome, QueueChangeRule.WaitingRecipients(item));
    }

    private Task<T[]> AskAllAsync<T>(Func<int, object> question, CancellationToken cancel) =>
        Task.WhenAll(Enumerable.Range(0, QueueActor.Partitions).Select(partition => Queue.Ask<T>(question(partition), Patience, cancel)));
}
