using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Whatever happens to the journal: no acknowledged message is lost, nothing is deleted, and everybody is answered at once.</summary>
public sealed class QueueJournalTests : IDisposable
{
    private const int Messages = 40;
    private const int Early = 10;

    // Much less than the minute after which a delivery gives up, much more than a busy machine needs.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(20);

    private readonly QueueNode _node = new();

    private string OlderCopy => _node.JournalPath + ".older";

    public static TheoryData<Harm, bool> Table()
    {
        var table = new TheoryData<Harm, bool>();
        foreach (var harm in Enum.GetValues<Harm>())
            foreach (var serving in new[] { false, true }) table.Add(harm, serving);
        return table;
    }

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Table))]
    public async Task No_acknowledged_message_is_lost_with_the_journal_and_every_request_is_answered_at_once(Harm harm, bool serving)
    {
        var acknowledged = await FillAsync();
        SpoolId deleted;
        using (var life = Life.Begin(_node))
        {
            acknowledged.AddRange(await TakeAsync(life, Messages - Early));
            deleted = acknowledged[0];
            Assert.True(await life.ChangeAsync(deleted, QueueChange.Delete));
            acknowledged.Remove(deleted);
            if (serving)
            {
                Damage.Do(harm, _node.JournalPath, OlderCopy);
                acknowledged.AddRange(await TakeAsync(life, Messages));
                await AssertAnswersAsync(life);
            }
        }

        if (!serving) Damage.Do(harm, _node.JournalPath, OlderCopy);
        try
        {
            using var after = Life.Begin(_node);
            acknowledged.AddRange(await TakeAsync(after, 5));
            await AssertAnswersAsync(after);
            if (_node.IsJournalUsable) await AssertHoldsAsync(after, acknowledged, deleted);
            else Assert.Contains(_node.JournalPath, Assert.Single(_node.Problems.Current).Text, StringComparison.Ordinal);
        }
        finally
        {
            Damage.Undo(harm, _node.JournalPath);
        }

        using var last = Life.Begin(_node);
        await AssertHoldsAsync(last, acknowledged, deleted);
    }

    [Theory]
    [InlineData(Harm.Head)]
    [InlineData(Harm.Middle)]
    [InlineData(Harm.Half)]
    [InlineData(Harm.DirectoryInItsPlace)]
    public async Task An_unreadable_journal_is_renamed_and_reported_as_a_problem(Harm harm)
    {
        var acknowledged = await FillAsync();
        var length = new FileInfo(_node.JournalPath).Length;
        Damage.Do(harm, _node.JournalPath, OlderCopy);
        using var after = Life.Begin(_node);
        await AssertHoldsAsync(after, acknowledged, default);
        await Life.Until(() => Task.FromResult(_node.Problems.Current.Count > 0));
        var problem = Assert.Single(_node.Problems.Current);
        var aside = Assert.Single(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_node.JournalPath)!, "journal.db.*-2*"), p => !p.EndsWith("-wal", StringComparison.Ordinal) && !p.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Contains(aside, problem.Text, StringComparison.Ordinal);
        Assert.Contains($"{acknowledged.Count} messages were queued again", problem.Text, StringComparison.Ordinal);
        if (harm is Harm.Head or Harm.Middle) Assert.Equal(length, new FileInfo(aside).Length);
    }

    [Fact]
    public async Task A_message_without_envelope_and_journal_entry_is_set_aside_and_not_removed()
    {
        SpoolId kept, unexplained;
        using (var life = Life.Begin(_node))
        {
            kept = (await TakeAsync(life, 1))[0];
            unexplained = QueueNode.Spooled(life.Spool, "b@far.example").Message;
            life.Spool.Envelopes.Remove(unexplained);
        }

        using var second = Life.Begin(_node);
        await Life.Until(() => Task.FromResult(second.Spool.List().Count == 1));
        Assert.Equal([kept], second.Spool.List());
        Assert.True(File.Exists(Path.Combine(second.Spool.Unexplained, unexplained.Value)));
        Assert.Empty(_node.Problems.Current);
    }

    [Fact]
    public async Task Messages_queued_by_an_older_version_get_an_envelope_and_survive_the_loss_of_the_journal()
    {
        List<SpoolId> messages;
        using (var life = Life.Begin(_node))
        {
            messages = await TakeAsync(life, 5);
            foreach (var message in messages) life.Spool.Envelopes.Remove(message);
        }

        using (var upgraded = Life.Begin(_node))
        {
            await Life.Until(() => Task.FromResult(messages.All(upgraded.Spool.Envelopes.Contains)));
        }

        Damage.Do(Harm.Gone, _node.JournalPath, OlderCopy);
        using var after = Life.Begin(_node);
        await AssertHoldsAsync(after, messages, default);
    }

    [Fact]
    public async Task A_recipient_that_has_the_message_gets_no_second_copy_after_the_loss_of_the_journal()
    {
        SpoolId message;
        using (var life = Life.Begin(_node))
        {
            var item = QueueNode.Spooled(life.Spool, held: true, "b@far.example", "c@far.example");
            message = item.Message;
            Assert.True(await life.EnqueueAsync(item));
            var delivered = new AttemptResult(0, RecipientState.Delivered, new SmtpReply(250, "2.0.0", "ok"), DateTimeOffset.UtcNow, NoticeDue: false);
            life.Spool.Envelopes.Append(message, QueueEnvelope.Encode(new QueueEvent.Attempted(message, DateTimeOffset.UtcNow, "mx", "", [delivered])));
        }

        Damage.Do(Harm.Gone, _node.JournalPath, OlderCopy);
        using var after = Life.Begin(_node);
        await after.UntilAsync(items => items.Count == 1);
        Assert.Equal([RecipientState.Delivered, RecipientState.Waiting], Assert.Single(await after.ListAsync()).Recipients.Select(static r => r.State));
    }

    /// <summary>A first life, of which a copy of the journal is kept.</summary>
    private async Task<List<SpoolId>> FillAsync()
    {
        List<SpoolId> messages;
        using (var life = Life.Begin(_node)) messages = await TakeAsync(life, Early);
        File.Copy(_node.JournalPath, OlderCopy);
        return messages;
    }

    /// <summary>Offers messages; answers those that were taken. Every one must be answered in time.</summary>
    private static async Task<List<SpoolId>> TakeAsync(Life life, int count)
    {
        var taken = new List<SpoolId>();
        for (var n = 0; n < count; n++)
        {
            var item = QueueNode.Spooled(life.Spool, held: true, "b@far.example");
            var answer = await life.Queue.Ask<object>(new QueueProtocol.Enqueue(item), AtOnce);
            if (answer is QueueProtocol.Enqueued { Taken: true }) taken.Add(item.Message);
            else life.Spool.Remove(item.Message);
        }

        return taken;
    }

    private static async Task AssertAnswersAsync(Life life)
    {
        for (var partition = 0; partition < QueueActor.Partitions; partition++)
        {
            try
            {
                await life.Queue.Ask<QueueProtocol.Listed>(new QueueProtocol.List(partition, 100), AtOnce);
            }
            catch (QueueUnavailableException e)
            {
                Assert.Contains("journal.db", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static async Task AssertHoldsAsync(Life life, IReadOnlyCollection<SpoolId> acknowledged, SpoolId deleted)
    {
        await life.UntilAsync(items => acknowledged.All(m => items.Any(i => i.Message == m)));
        Assert.All(acknowledged, m => Assert.True(life.Spool.Contains(m)));
        Assert.DoesNotContain(await life.ListAsync(), i => i.Message == deleted);
    }
}
