using System.Collections.Concurrent;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Pauses of destinations: nothing is sent there, nothing is returned sooner because of it, and they survive a restart.</summary>
public sealed class QueuePausesTests
{
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Nothing_is_sent_to_a_paused_domain_until_it_is_resumed_also_after_a_restart()
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port, Pauses = Open() };
        Assert.Equal(PauseChange.Changed, node.Pauses.Pause("paused.example", "blocks us"));
        Assert.Equal(PauseChange.Unchanged, node.Pauses.Pause("paused.example", "again"));
        using (var kit = QueueTestKit.Begin(node))
        {
            await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "a@paused.example", "b@free.example"));
            await kit.UntilAsync(static items => items is [{ Recipients: [{ State: RecipientState.Waiting, Attempts: 0 }, { State: RecipientState.Delivered }] }]);
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            Assert.Equal(["RCPT TO:<b@free.example>"], host.Recipients);
        }

        node.Pauses = Open();
        using var second = QueueTestKit.Begin(node);
        await second.UntilAsync(static items => items.Count == 1);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.Single(host.Recipients);
        Assert.Equal("blocks us", Assert.Single(node.Pauses.List()).Reason);
        Assert.Equal(PauseChange.Changed, node.Pauses.Resume("paused.example"));
        Assert.Equal(PauseChange.Unchanged, node.Pauses.Resume("paused.example"));
        await second.UntilAsync(static items => items.Count == 0);
        Assert.Equal(["RCPT TO:<b@free.example>", "RCPT TO:<a@paused.example>"], host.Recipients);
    }

    [Fact]
    public async Task A_message_that_grows_too_old_during_a_pause_is_tried_once_more_before_it_is_returned()
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port, Pauses = Open() };
        node.Pauses.Pause(QueuePause.Everything, "");
        using var kit = QueueTestKit.Begin(node);
        QueueItem Old(QueueItem item) => item with { QueuedAt = DateTimeOffset.UtcNow.AddDays(-30), Recipients = [.. item.Recipients.Select(static r => r with { Attempts = 20, DelayNotified = true, NextAttempt = DateTimeOffset.UtcNow.AddDays(-25) })] };
        await kit.EnqueueAsync(Old(QueueTestNode.Spooled(kit.Spool, "a@far.example")));
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        kit.Router.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        Assert.Equal(20, Assert.Single(await kit.ListAsync()).Recipients[0].Attempts);
        node.Pauses.Resume(QueuePause.Everything);
        await kit.UntilAsync(static items => items.Count == 0);
        Assert.Equal(1, host.Messages);

        // The attempt after the pause fails: now it is returned.
        node.Pauses.Pause(QueuePause.Everything, "");
        host.IsDown = true;
        await kit.EnqueueAsync(Old(QueueTestNode.Spooled(kit.Spool, "b@far.example")));
        kit.Router.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        node.Pauses.Resume(QueuePause.Everything);
        kit.Router.ExpectMsg<DeliveryProtocol.Accept>(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Messages_that_were_already_given_to_a_connection_come_back_without_an_attempt()
    {
        const int Messages = 40;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = new ScriptedSmtpHost { Ready = ready.Task };
        using var node = new QueueTestNode { RelayPort = host.Port, CommandTimeout = TimeSpan.FromMinutes(5), Pauses = Open() };
        using var kit = QueueTestKit.Begin(node);
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(_ => kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"))));
        await QueueTestKit.Until(() => Task.FromResult(host.Connections > 0));
        node.Pauses.Pause("far.example", "");
        ready.SetResult();
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(0, host.Messages);
        Assert.All(await kit.ListAsync(), static i => Assert.Equal((RecipientState.Waiting, 0), (i.Recipients[0].State, i.Recipients[0].Attempts)));
        node.Pauses.Resume("far.example");
        await QueueTestKit.Until(() => Task.FromResult(host.Messages == Messages));
        await kit.UntilAsync(static items => items.Count == 0);
        Assert.Equal(Messages, host.Messages);
    }

    [Fact]
    public void A_pause_of_everything_leaves_the_mailboxes_of_this_server_and_pauses_by_name_remain_after_it()
    {
        var pauses = Open();
        var changes = 0;
        pauses.Changed = () => changes++;
        pauses.Pause(QueuePause.Everything, "");
        pauses.Pause("far.example", "");
        QueueRecipient To(string address) => new() { Address = Domain.Addresses.EmailAddress.Parse(address) };
        Assert.True(pauses.IsPaused(To("a@near.example")));
        Assert.False(pauses.IsPaused(To("a@near.example") with { Mailbox = new AccountId(1) }));
        pauses.Resume(QueuePause.Everything);
        Assert.False(pauses.IsPaused(To("a@near.example")));
        Assert.True(pauses.IsPaused(To("a@far.example")));
        Assert.False(pauses.IsPaused(To("a@sub.far.example")));
        Assert.Equal(3, changes);
    }

    [Fact]
    public void A_pause_that_cannot_be_stored_applies_and_says_so_and_those_of_other_nodes_are_seen_after_a_reload()
    {
        var (here, there) = (Open(), Open());
        _store.IsBroken = true;
        Assert.Equal(PauseChange.NotStored, here.Pause("far.example", ""));
        Assert.True(here.IsPaused("far.example"));
        _store.IsBroken = false;
        there.Pause("other.example", "");
        here.Reload();
        Assert.True(here.IsPaused("other.example"));
    }

    private QueuePauses Open() => new(_store, TimeProvider.System, NullAuditLog.Instance, NullLogger<QueuePauses>.Instance);

    private sealed class MemoryStore : IQueuePauseStore
    {
        private readonly ConcurrentDictionary<string, QueuePause> _pauses = new(StringComparer.Ordinal);

        public bool IsBroken { get; set; }

        public IReadOnlyList<QueuePause> LoadPauses() => [.. _pauses.Values];

        public void SavePause(QueuePause pause)
        {
            if (IsBroken) throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, "access.db");
            _pauses[pause.Domain] = pause;
        }

        public void RemovePause(string domain) => _pauses.TryRemove(domain, out _);
    }
}
