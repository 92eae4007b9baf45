using System.Diagnostics;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Queue;

/// <summary>The queue of one server run.</summary>
internal sealed class QueueTestKit : TestKit
{
    // A queue that cannot open its journal tries again after 15 seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly QueueTestNode _node;

    private QueueTestKit(QueueTestNode node) : base(ActorSystem.Create("test", node.Configuration()))
    {
        _node = node;
        Spool = node.OpenSpool();
        Router = CreateTestProbe("delivery");
        Mailboxes = CreateTestProbe("mailboxes");
        node.Mailboxes = Mailboxes.Ref;
        node.Pauses.Changed = () => Sys.EventStream.Publish(QueueProtocol.PausesChanged.Instance);
        var connections = Sys.ActorOf(ConnectionSlotsActor.Props(10), ConnectionSlotsActor.Name);
        Queue = Sys.ActorOf(QueueActor.Props(node.Services(Spool, Router.Ref) with { Connections = connections }), QueueActor.Name);
    }

    public MailServer.Storage.Spool.MessageSpool Spool { get; }

    public Akka.TestKit.TestProbe Router { get; }

    public Akka.TestKit.TestProbe Mailboxes { get; }

    public IActorRef Queue { get; }

    public static QueueTestKit Begin(QueueTestNode node) => new(node);

    public async Task<bool> EnqueueAsync(QueueItem item) => (await Queue.Ask<QueueProtocol.Enqueued>(new QueueProtocol.Enqueue(item), TimeSpan.FromMinutes(1))).Taken;

    public async Task<bool> ChangeAsync(SpoolId message, QueueChange what) =>
        (await Queue.Ask<QueueProtocol.Changed>(new QueueProtocol.Change(message, what), Patience)).Outcome != QueueChangeOutcome.NotQueued;

    public async Task<IReadOnlyList<QueueItem>> ListAsync() => [.. (await AllAsync()).SelectMany(static l => l.Items)];

    public async Task<int> CountAsync() => (await AllAsync()).Sum(static l => l.Count);

    public Task UntilAsync(Func<IReadOnlyList<QueueItem>, bool> condition) => Until(async () => condition(await ListAsync()));

    /// <param name="condition">What must become true.</param>
    /// <param name="describe">Describes the state if it does not.</param>
    public static async Task Until(Func<Task<bool>> condition, Func<string>? describe = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Patience, describe?.Invoke() ?? "did not happen in time");
            await Task.Delay(20);
        }
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Sys.Terminate().Wait(Patience);
        _node.CloseJournals();
    }

    private Task<QueueProtocol.Listed[]> AllAsync() =>
        Task.WhenAll(Enumerable.Range(0, QueueActor.Partitions).Select(n => Queue.Ask<QueueProtocol.Listed>(new QueueProtocol.List(n, 100), TimeSpan.FromMinutes(1))));
}
