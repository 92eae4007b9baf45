using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain.Messages;
using MailServer.Storage.Postgres;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.Actors.Tests.Queue;

/// <summary>The queue journal in PostgreSQL, as in a cluster.</summary>
[Trait("Speed", "Slow")]
public sealed class SharedJournalTests
{
    [PostgresFact]
    public async Task The_next_owner_of_the_queue_has_every_acknowledged_message()
    {
        using var node = new QueueTestNode { Database = Prepare(PostgresServer.Shared) };
        var messages = new List<SpoolId>();
        using (var kit = QueueTestKit.Begin(node))
        {
            for (var i = 0; i < 40; i++)
            {
                var item = QueueTestNode.Spooled(kit.Spool, $"b{i}@far.example", "c@far.example");
                Assert.True(await kit.EnqueueAsync(item));
                messages.Add(item.Message);
            }

            Assert.True(await kit.ChangeAsync(messages[0], QueueChange.Delete));
        }

        using var second = QueueTestKit.Begin(node);
        Assert.Equal(messages.Skip(1).Order(Comparer<SpoolId>.Create(static (a, b) => string.CompareOrdinal(a.Value, b.Value))),
            (await second.ListAsync()).Select(i => i.Message).Order(Comparer<SpoolId>.Create(static (a, b) => string.CompareOrdinal(a.Value, b.Value))));
    }

    [PostgresFact]
    public async Task A_database_crash_loses_no_acknowledged_message_and_the_queue_continues()
    {
        using var server = new PostgresServer(durable: true);
        using var node = new QueueTestNode { Database = Prepare(server) };
        var answered = new HashSet<SpoolId>();
        using (var kit = QueueTestKit.Begin(node))
        {
            var first = QueueTestNode.Spooled(kit.Spool, "b@far.example");
            Assert.True(await kit.EnqueueAsync(first));
            answered.Add(first.Message);
            server.Stop("QUIT");
            server.Start();
            // The partitions start again one after the other; what they do not take is refused, and nothing else.
            await QueueTestKit.Until(async () =>
            {
                var next = QueueTestNode.Spooled(kit.Spool, "b@far.example");
                try
                {
                    if (await kit.Queue.Ask<object>(new QueueProtocol.Enqueue(next), TimeSpan.FromSeconds(3)) is not QueueProtocol.Enqueued { Taken: true }) return false;
                }
                catch (AskTimeoutException)
                {
                    return false;
                }

                answered.Add(next.Message);
                return answered.Count >= 5;
            });
        }

        using var second = QueueTestKit.Begin(node);
        await second.UntilAsync(items => answered.IsSubsetOf(items.Select(i => i.Message)));
    }

    private static string Prepare(PostgresServer server)
    {
        using var database = new PostgresDatabase(server.CreateDatabase());
        database.Migrate(create: true);
        return database.ConnectionString;
    }
}
