using System.Globalization;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.TestSupport;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Whatever happens to the journal: no acknowledged message is lost, nothing is deleted, and every request is answered at once.</summary>
[Trait("Speed", "Slow")]
public sealed class QueueJournalTests : IDisposable
{
    private const int Messages = 40;
    private const int Early = 10;

    // Much less than the delivery timeout of a minute, and much more than a busy machine needs.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(20);

    private static readonly Lazy<Task<(QueueTestNode Node, List<SpoolId> Messages)>> FirstRun = new(RunFirstAsync);

    private readonly QueueTestNode _node = new();

    private string OlderCopy => _node.JournalPath + ".older";

    public static TheoryData<JournalDamage, bool> Table()
    {
        var table = new TheoryData<JournalDamage, bool>();
        foreach (var damage in Enum.GetValues<JournalDamage>())
            foreach (var serving in new[] { false, true }) table.Add(damage, serving);
        return table;
    }

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Table))]
    public async Task No_acknowledged_message_is_lost_with_the_journal_and_every_request_is_answered_at_once(JournalDamage damage, bool serving)
    {
        var acknowledged = await FillAsync();
        SpoolId deleted;
        using (var kit = QueueTestKit.Begin(_node))
        {
            acknowledged.AddRange(await TakeAsync(kit, Messages - Early));
            deleted = acknowledged[0];
            Assert.True(await kit.ChangeAsync(deleted, QueueChange.Delete));
            acknowledged.Remove(deleted);
            if (serving)
            {
                JournalDamager.Apply(damage, _node.JournalPath, OlderCopy);
                acknowledged.AddRange(await TakeAsync(kit, Messages));
                await AssertAnswersAsync(kit);
            }
        }

        if (!serving) JournalDamager.Apply(damage, _node.JournalPath, OlderCopy);
        try
        {
            using var after = QueueTestKit.Begin(_node);
            acknowledged.AddRange(await TakeAsync(after, 5));
            await AssertAnswersAsync(after);
            if (_node.IsJournalUsable) await AssertHoldsAsync(after, acknowledged, deleted);
            else Assert.Contains(_node.JournalPath, Assert.Single(_node.Problems.Current).Text, StringComparison.Ordinal);
        }
        finally
        {
            JournalDamager.Undo(damage, _node.JournalPath);
        }

        using var last = QueueTestKit.Begin(_node);
        await AssertHoldsAsync(last, acknowledged, deleted);
    }

    public static TheoryData<JournalDamage> Rebuilt() => [.. Enum.GetValues<JournalDamage>().Where(static d => d != JournalDamage.ReadOnly)];

    [Theory]
    [MemberData(nameof(Rebuilt))]
    public async Task A_journal_damaged_while_serving_is_rebuilt_without_a_restart(JournalDamage damage)
    {
        var acknowledged = await FillAsync();
        SpoolId deleted;
        using (var kit = QueueTestKit.Begin(_node))
        {
            acknowledged.AddRange(await TakeAsync(kit, Messages - Early));
            deleted = acknowledged[0];
            Assert.True(await kit.ChangeAsync(deleted, QueueChange.Delete));
            acknowledged.Remove(deleted);
            _node.Checkpoint();
            JournalDamager.Apply(damage, _node.JournalPath, OlderCopy);
            acknowledged.AddRange(await TakeAsync(kit, Messages));
            // What a partition that cannot write or read sends, and the periodic check of a file that is replaced.
            kit.Queue.Tell(new QueueProtocol.PartitionFailed(0, "test"));
            kit.Queue.Tell(IdleHeapCompactor.CheckMemory.Instance);
            IReadOnlyList<QueueItem>? items = null;
            await QueueTestKit.Until(
                async () => (items = await TryListAsync(kit)) is not null && acknowledged.TrueForAll(m => items.Any(i => i.Message == m)) && !_node.Problems.Current.Any(static p => p.Subject == "outbound queue"),
                () => $"{items?.Count.ToString(CultureInfo.InvariantCulture) ?? "no list"} of {acknowledged.Count}; {string.Join("; ", _node.Problems.Current)}");
            Assert.DoesNotContain(await kit.ListAsync(), i => i.Message == deleted);
            var more = await TakeAsync(kit, 5);
            Assert.Equal(5, more.Count);
            acknowledged.AddRange(more);
            await AssertHoldsAsync(kit, acknowledged, deleted);
            if (damage is JournalDamage.Head or JournalDamage.Half) Assert.NotEmpty(Directory.GetFiles(Path.GetDirectoryName(_node.JournalPath)!, "journal.db.damaged-*"));
        }

        using var after = QueueTestKit.Begin(_node);
        await AssertHoldsAsync(after, acknowledged, deleted);
        Assert.Equal(acknowledged.Count, (await after.ListAsync()).Count);
    }

    [Fact]
    public async Task Files_of_the_spool_that_are_in_use_are_left_alone_by_a_rebuild()
    {
        using var kit = QueueTestKit.Begin(_node);
        var queued = (await TakeAsync(kit, 1))[0];
        var used = QueueTestNode.Spooled(kit.Spool, "b@far.example").Message;
        kit.Spool.Envelopes.Remove(used);
        _node.Checkpoint();
        JournalDamager.Apply(JournalDamage.Head, _node.JournalPath, OlderCopy);
        kit.Queue.Tell(new QueueProtocol.PartitionFailed(0, "test"));
        await QueueTestKit.Until(async () => Directory.GetFiles(Path.GetDirectoryName(_node.JournalPath)!, "journal.db.damaged-*").Length > 0 && await TryListAsync(kit) is [var only] && only.Message == queued);
        Assert.True(kit.Spool.Contains(used));
    }

    [Fact]
    public async Task A_journal_that_is_damaged_again_and_again_asks_for_a_restart()
    {
        using var kit = QueueTestKit.Begin(_node);
        var acknowledged = await TakeAsync(kit, 5);
        for (var n = 1; n <= 4; n++)
        {
            JournalDamager.Apply(JournalDamage.Gone, _node.JournalPath, OlderCopy);
            File.Delete(_node.JournalPath + ".away");
            kit.Queue.Tell(IdleHeapCompactor.CheckMemory.Instance);
            await QueueTestKit.Until(() => Task.FromResult(_node.Problems.Current.Any(static p => p.Subject == "outbound queue")));
            if (n == 4) break;
            await QueueTestKit.Until(async () => await TryListAsync(kit) is { Count: 5 });
        }

        Assert.Contains("restart", Assert.Single(_node.Problems.Current, static p => p.Subject == "outbound queue").Remedy, StringComparison.Ordinal);
        Assert.All(acknowledged, m => Assert.True(kit.Spool.Contains(m)));
    }

    [Theory]
    [InlineData(JournalDamage.Head)]
    [InlineData(JournalDamage.Middle)]
    [InlineData(JournalDamage.Half)]
    [InlineData(JournalDamage.DirectoryInItsPlace)]
    public async Task An_unreadable_journal_is_renamed_and_reported_as_a_problem(JournalDamage damage)
    {
        var acknowledged = await FillAsync();
        var length = new FileInfo(_node.JournalPath).Length;
        JournalDamager.Apply(damage, _node.JournalPath, OlderCopy);
        using var after = QueueTestKit.Begin(_node);
        await AssertHoldsAsync(after, acknowledged, default);
        await QueueTestKit.Until(() => Task.FromResult(_node.Problems.Current.Count > 0));
        var problem = Assert.Single(_node.Problems.Current);
        var aside = Assert.Single(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_node.JournalPath)!, "journal.db.*-2*"), p => !p.EndsWith("-wal", StringComparison.Ordinal) && !p.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Contains(aside, problem.Text, StringComparison.Ordinal);
        Assert.Contains($"{acknowledged.Count} messages were queued again", problem.Text, StringComparison.Ordinal);
        if (damage is JournalDamage.Head or JournalDamage.Middle) Assert.Equal(length, new FileInfo(aside).Length);
    }

    [Fact]
    public async Task A_message_without_envelope_and_journal_entry_is_set_aside_and_not_removed()
    {
        SpoolId kept, unexplained;
        using (var kit = QueueTestKit.Begin(_node))
        {
            kept = (await TakeAsync(kit, 1))[0];
            unexplained = QueueTestNode.Spooled(kit.Spool, "b@far.example").Message;
            kit.Spool.Envelopes.Remove(unexplained);
        }

        using var second = QueueTestKit.Begin(_node);
        await QueueTestKit.Until(() => Task.FromResult(second.Spool.List().Count == 1));
        Assert.Equal([kept], second.Spool.List());
        Assert.True(File.Exists(Path.Combine(second.Spool.Unexplained, unexplained.Value)));
        Assert.Empty(_node.Problems.Current);
    }

    [Fact]
    public async Task Messages_queued_by_an_older_version_get_an_envelope_and_survive_the_loss_of_the_journal()
    {
        List<SpoolId> messages;
        using (var kit = QueueTestKit.Begin(_node))
        {
            messages = await TakeAsync(kit, 5);
            foreach (var message in messages) kit.Spool.Envelopes.Remove(message);
        }

        using (var upgraded = QueueTestKit.Begin(_node))
        {
            await QueueTestKit.Until(() => Task.FromResult(messages.All(upgraded.Spool.Envelopes.Contains)));
        }

        JournalDamager.Apply(JournalDamage.Gone, _node.JournalPath, OlderCopy);
        using var after = QueueTestKit.Begin(_node);
        await AssertHoldsAsync(after, messages, default);
    }

    [Fact]
    public async Task A_copy_made_during_a_run_that_was_killed_does_not_bring_back_what_was_finished()
    {
        List<SpoolId> messages;
        using (var kit = QueueTestKit.Begin(_node))
        {
            messages = await TakeAsync(kit, 5);
            _node.Checkpoint();
            File.Copy(_node.JournalPath, OlderCopy);
            // Finished: the files are removed. A killed server does not stamp the journal, as its copy shows.
            foreach (var message in messages.Take(2)) Assert.True(await kit.ChangeAsync(message, QueueChange.Delete));
            File.Copy(Path.Combine(_node.SpoolFolder, ".journal"), OlderCopy + ".state");
        }

        File.Copy(OlderCopy, _node.JournalPath, overwrite: true);
        File.Copy(OlderCopy + ".state", Path.Combine(_node.SpoolFolder, ".journal"), overwrite: true);
        using var after = QueueTestKit.Begin(_node);
        await after.UntilAsync(items => items.Count == 3);
        Assert.Equal(messages.Skip(2).Select(static m => m.Value).Order(), (await after.ListAsync()).Select(static i => i.Message.Value).Order());
        after.Router.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_recipient_that_has_the_message_gets_no_second_copy_after_the_loss_of_the_journal()
    {
        SpoolId message;
        using (var kit = QueueTestKit.Begin(_node))
        {
            var item = QueueTestNode.Spooled(kit.Spool, held: true, "b@far.example", "c@far.example");
            message = item.Message;
            Assert.True(await kit.EnqueueAsync(item));
            var delivered = new AttemptResult(0, RecipientState.Delivered, new SmtpReply(250, "2.0.0", "ok"), DateTimeOffset.UtcNow, NoticeDue: false);
            kit.Spool.Envelopes.Append(message, QueueEnvelope.Encode(new QueueEvent.Attempted(message, DateTimeOffset.UtcNow, "mx", "", [delivered])));
        }

        JournalDamager.Apply(JournalDamage.Gone, _node.JournalPath, OlderCopy);
        using var after = QueueTestKit.Begin(_node);
        await after.UntilAsync(items => items.Count == 1);
        Assert.Equal([RecipientState.Delivered, RecipientState.Waiting], Assert.Single(await after.ListAsync()).Recipients.Select(static r => r.State));
    }

    /// <summary>Continues after the first run, of which a copy of the journal is kept.</summary>
    private async Task<List<SpoolId>> FillAsync()
    {
        var (node, messages) = await FirstRun.Value;
        _node.CopyFrom(node);
        File.Copy(_node.JournalPath, OlderCopy);
        return [.. messages];
    }

    private static async Task<(QueueTestNode Node, List<SpoolId> Messages)> RunFirstAsync()
    {
        var node = new QueueTestNode();
        RunCleanup.Add(node.Dispose);
        using var kit = QueueTestKit.Begin(node);
        return (node, await TakeAsync(kit, Early));
    }

    /// <summary>Offers messages; returns those that were accepted. Every one must be answered in time.</summary>
    private static async Task<List<SpoolId>> TakeAsync(QueueTestKit kit, int count)
    {
        var taken = new List<SpoolId>();
        for (var n = 0; n < count; n++)
        {
            var item = QueueTestNode.Spooled(kit.Spool, held: true, "b@far.example");
            var answer = await kit.Queue.Ask<object>(new QueueProtocol.Enqueue(item), AtOnce);
            if (answer is QueueProtocol.Enqueued { Taken: true }) taken.Add(item.Message);
            else kit.Spool.Remove(item.Message);
        }

        return taken;
    }

    private static async Task<IReadOnlyList<QueueItem>?> TryListAsync(QueueTestKit kit)
    {
        try
        {
            return await kit.ListAsync();
        }
        catch (QueueUnavailableException)
        {
            return null;
        }
    }

    private static async Task AssertAnswersAsync(QueueTestKit kit)
    {
        for (var partition = 0; partition < QueueActor.Partitions; partition++)
        {
            try
            {
                await kit.Queue.Ask<QueueProtocol.Listed>(new QueueProtocol.List(partition, 100), AtOnce);
            }
            catch (QueueUnavailableException e)
            {
                Assert.Contains("journal.db", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static async Task AssertHoldsAsync(QueueTestKit kit, IReadOnlyCollection<SpoolId> acknowledged, SpoolId deleted)
    {
        await kit.UntilAsync(items => acknowledged.All(m => items.Any(i => i.Message == m)));
        Assert.All(acknowledged, m => Assert.True(kit.Spool.Contains(m)));
        Assert.DoesNotContain(await kit.ListAsync(), i => i.Message == deleted);
    }
}
