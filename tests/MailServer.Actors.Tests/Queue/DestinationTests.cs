using System.Buffers;
using System.Diagnostics;
using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Handling of a destination: one connection per partition, kept while there is mail; a failing destination is left alone and then probed.</summary>
public sealed class DestinationTests
{
    private const int Messages = 100;

    [Fact]
    public async Task Messages_for_one_host_share_one_connection_per_partition()
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port };
        using var kit = QueueTestKit.Begin(node);
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(_ => kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"))));
        await QueueTestKit.Until(() => Task.FromResult(host.Messages == Messages && kit.Spool.List().Count == 0));
        // A slow machine may need longer than a connection is kept without mail.
        Assert.InRange(host.Connections, 1, Messages / 2);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_host_that_is_down_is_probed_by_one_message_instead_of_each()
    {
        using var host = new ScriptedSmtpHost { IsDown = true };
        // The back-off of the destination is a quarter of that of the message.
        var (first, backOff) = (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(2));
        using var node = new QueueTestNode { RelayPort = host.Port, Schedule = new RetrySchedule { First = first } };
        using var kit = QueueTestKit.Begin(node);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(_ => kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"))));
        await kit.UntilAsync(items => items.Count == Messages && items.All(i => i.Recipients[0].Attempts >= 1));
        // Not one per message: one per partition, and one probe for each back-off that has passed on a slow machine.
        Assert.InRange(host.Connections, 1, QueueActor.Partitions * (1 + (int)(watch.Elapsed / backOff)));
        host.IsDown = false;
        await QueueTestKit.Until(() => Task.FromResult(host.Messages == Messages));
        Assert.InRange(host.Connections, 1, QueueActor.Partitions * (3 + (int)(watch.Elapsed / backOff)));
    }

    [Fact]
    public async Task The_most_urgent_of_the_due_messages_is_sent_first()
    {
        const int Due = 80;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = new ScriptedSmtpHost { Ready = ready.Task };
        using var node = new QueueTestNode { RelayPort = host.Port, CommandTimeout = TimeSpan.FromMinutes(5) };
        using var kit = QueueTestKit.Begin(node);
        for (var n = 0; n < Due; n++)
        {
            var item = InPartitionThree(kit, n == Due - 1 ? "urgent@far.example" : "b@far.example");
            await kit.EnqueueAsync(item with { Priority = n == Due - 1 ? 9 : 0 });
        }

        ready.SetResult();
        await QueueTestKit.Until(() => Task.FromResult(host.Messages == Due));
        // It was queued last. A destination holds up to 50 messages, which can be sent before the first result is durable and makes room.
        Assert.InRange(host.Recipients.ToList().FindIndex(r => r.Contains("urgent", StringComparison.Ordinal)), 0, 60);
    }

    /// <summary>One partition has one connection, so its messages are in order.</summary>
    private static QueueItem InPartitionThree(QueueTestKit kit, string recipient)
    {
        while (true)
        {
            using var buffer = kit.Spool.Begin();
            if (QueueActor.PartitionOf(buffer.Id) != 3) continue;
            buffer.Write("From: ann@example.org\r\n\r\nx\r\n"u8);
            var message = kit.Spool.Commit(buffer, default, durableName: true);
            return QueueTestNode.Item(message.Id, recipient) with { Size = message.Size };
        }
    }
}
