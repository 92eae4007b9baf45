using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Queue;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Queue;

/// <summary>The oldest messages of all partitions: the same as with everything read, however they are distributed, and without reading everything.</summary>
public sealed class QueueListingTests : TestKit
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_oldest_messages_are_found_however_they_are_distributed(int seed)
    {
        var random = new Random(seed);
        foreach (var count in (int[])[0, 1, 40, 5_000])
        {
            // Uneven: with seed 1 evenly, with 2 most in one partition, with 3 each partition a time of its own.
            var items = Enumerable.Range(0, count).Select(i => (Partition: seed == 2 && random.Next(10) > 0 ? 3 : random.Next(QueueActor.Partitions), Item: Item(i)))
                .Select(i => seed == 3 ? (i.Partition, i.Item with { QueuedAt = Start.AddDays(i.Partition).AddTicks(random.Next()) }) : (i.Partition, i.Item with { QueuedAt = Start.AddTicks(random.Next()) })).ToList();
            var registry = new ActorRegistry();
            var queue = ActorOfAsTestActorRef<Parts>(Props.Create(() => new Parts(items)));
            registry.Register<QueueActor>(queue);
            foreach (var max in (int[])[1, 50, 500])
            {
                queue.UnderlyingActor.Read = 0;
                var listed = await new QueueAdministration(registry, null!).ListAsync(max, default);
                Assert.Equal(count, listed.Count);
                Assert.Equal(items.Select(static i => i.Item2).OrderBy(static i => i.QueuedAt).Take(max).Select(static i => i.Message), listed.Items.Select(static i => i.Message));
                if (count == 5_000 && seed == 1) Assert.True(queue.UnderlyingActor.Read < (max * 4) + 600, $"{queue.UnderlyingActor.Read} messages were read for {max}");
            }
        }
    }

    private static QueueItem Item(int number) => new()
    {
        Message = SpoolId.New(Start, 1, number, "mail.example.org"),
        MessageId = null,
        Sender = null,
        QueuedAt = Start,
        Size = 1,
        PrefixLength = 0,
        EightBit = false,
        SmtpUtf8 = false,
        Recipients = [new QueueRecipient { Address = EmailAddress.Parse("a@example.net") }],
    };

    /// <summary>Plays the partitions of the queue.</summary>
    private sealed class Parts : ReceiveActor
    {
        public Parts(List<(int Partition, QueueItem Item)> items) => Receive<QueueProtocol.List>(list =>
        {
            QueueItem[] own = [.. items.Where(i => i.Partition == list.Partition).Select(static i => i.Item).OrderBy(static i => i.QueuedAt)];
            Read += Math.Min(own.Length, list.Max);
            Sender.Tell(new QueueProtocol.Listed([.. own.Take(list.Max)], own.Length));
        });

        public int Read { get; set; }
    }
}
