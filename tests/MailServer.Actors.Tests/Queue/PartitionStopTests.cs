using System.Reflection;
using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Tests.Queue;

/// <summary>When a partition stops, every request is answered or refused at once: those being executed, those in its inbox, and those on the way to it.</summary>
[Trait("Speed", "Slow")]
public sealed class PartitionStopTests : IDisposable
{
    private const int Rounds = 3;
    private const int Clients = 100;

    // Much less than the minute that a submission would wait, and much more than a busy machine needs.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, Func<QueueItem, object>> Requests = new()
    {
        [nameof(QueueProtocol.Enqueue)] = static item => new QueueProtocol.Enqueue(item),
        [nameof(QueueProtocol.Change)] = static item => new QueueProtocol.Change(item.Message, QueueChange.Release),
        [nameof(QueueProtocol.GetMessage)] = static item => new QueueProtocol.GetMessage(item.Message),
        [nameof(QueueProtocol.List)] = static item => new QueueProtocol.List(QueueActor.PartitionOf(item.Message), 1),
        [nameof(QueueProtocol.Search)] = static item => new QueueProtocol.Search(QueueActor.PartitionOf(item.Message), 1, null, new QueueFilter()),
    };

    private readonly QueueTestNode _node = new();

    // The queue itself sends FindUnknown, and repeats it when the partition has started again.
    public static TheoryData<string> Names =>
    [
        .. typeof(QueueProtocol).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static t => t.IsAssignableTo(typeof(ITrackedRequest)) && t != typeof(QueueProtocol.FindUnknown)).Select(static t => t.Name),
    ];

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_request_waits_for_a_partition_that_has_stopped(string name)
    {
        using var kit = QueueTestKit.Begin(_node);
        await kit.UntilAsync(static _ => true);
        for (var round = 0; round < Rounds; round++)
        {
            var items = Enumerable.Range(0, Clients).Select(_ => QueueTestNode.Spooled(kit.Spool, held: true, "b@far.example")).ToArray();
            if (name != nameof(QueueProtocol.Enqueue)) Assert.All(await Task.WhenAll(items.Select(kit.EnqueueAsync)), Assert.True);
            var requests = items.Select(Requests[name]).ToArray();

            var early = requests.Take(Clients / 2).Select(Ask).ToArray();
            kit.Sys.ActorSelection(QueueActor.Path + "/*").Tell(PoisonPill.Instance);
            var late = requests.Skip(Clients / 2).Select(Ask).ToArray();
            Assert.DoesNotContain(await Task.WhenAll([.. early, .. late]), static answer => answer is Status.Failure { Cause: AskTimeoutException });
            await QueueTestKit.Until(async () => !(await Task.WhenAll(Enumerable.Range(0, QueueActor.Partitions).Select(n => Ask(new QueueProtocol.List(n, 1))))).Any(static a => a is Status.Failure));
        }

        async Task<object> Ask(object request)
        {
            try
            {
                return await kit.Queue.Ask<object>(request, AtOnce);
            }
            catch (Exception e) when (e is AskTimeoutException or QueueUnavailableException)
            {
                return new Status.Failure(e);
            }
        }
    }
}
