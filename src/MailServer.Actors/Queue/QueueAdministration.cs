using Akka.Actor;
using Akka.Hosting;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>The queue as the administration sees it: asks all partitions and joins their answers.</summary>
public sealed class QueueAdministration(ActorRegistry actors)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IActorRef Queue => actors.Get<QueueActor>();

    /// <summary>The oldest <paramref name="max"/> messages, and how many there are.</summary>
    public async Task<QueueProtocol.Listed> ListAsync(int max, CancellationToken cancel)
    {
        var parts = await AskAllAsync<QueueProtocol.Listed>(partition => new QueueProtocol.List(partition, max), cancel);
        return new QueueProtocol.Listed([.. parts.SelectMany(static p => p.Items).OrderBy(static i => i.QueuedAt).Take(max)], parts.Sum(static p => p.Count));
    }

    /// <summary>What is known of a message by its spool id or Message-ID, also when it is finished.</summary>
    public async Task<IReadOnlyList<QueueStory>> TraceAsync(string id, CancellationToken cancel)
    {
        var parts = await AskAllAsync<QueueProtocol.Traced>(partition => new QueueProtocol.Trace(partition, id), cancel);
        return [.. parts.SelectMany(static p => p.Stories).OrderBy(static s => s.Item.QueuedAt)];
    }

    /// <summary>False: no such message is queued.</summary>
    public async Task<bool> ChangeAsync(SpoolId message, QueueChange what, CancellationToken cancel) =>
        (await Queue.Ask<QueueProtocol.Changed>(new QueueProtocol.Change(message, what), Patience, cancel)).Found;

    private Task<T[]> AskAllAsync<T>(Func<int, object> question, CancellationToken cancel) =>
        Task.WhenAll(Enumerable.Range(0, QueueActor.Partitions).Select(partition => Queue.Ask<T>(question(partition), Patience, cancel)));
}
