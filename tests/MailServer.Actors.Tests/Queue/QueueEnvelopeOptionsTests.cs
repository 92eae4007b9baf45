using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Envelope options of senders (deadlines, holding, routes), and mailboxes that defer.</summary>
public sealed class QueueEnvelopeOptionsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly AccountId Account = new(7);

    private readonly QueueTestNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_message_with_a_return_deadline_bounces_at_the_deadline()
    {
        using var kit = QueueTestKit.Begin(_node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example") with { DeliverBy = new DeliverBy(DateTimeOffset.UtcNow.AddSeconds(1), Return: true, Trace: false) });
        var notice = kit.Router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        Assert.Contains("5.4.7", ContentOf(notice), StringComparison.Ordinal);
        kit.Router.Reply(new SmtpReply(250, "2.0.0", "ok"));
        await QueueTestKit.Until(() => Task.FromResult(kit.Spool.List().Count == 0));
    }

    [Fact]
    public async Task A_message_with_a_notify_deadline_reports_the_delay_and_stays_queued()
    {
        using var kit = QueueTestKit.Begin(_node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example") with { DeliverBy = new DeliverBy(DateTimeOffset.UtcNow.AddSeconds(1), Return: false, Trace: false) });
        var notice = kit.Router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        Assert.Contains("Action: delayed", ContentOf(notice), StringComparison.Ordinal);
        kit.Router.Reply(new SmtpReply(250, "2.0.0", "ok"));
        await kit.UntilAsync(items => items is [{ Recipients: [{ State: RecipientState.Waiting, DelayNotified: true }] }]);
    }

    [Fact]
    public async Task The_sender_of_a_deadline_is_notified_when_the_next_host_does_not_support_deadlines()
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example") with { DeliverBy = new DeliverBy(DateTimeOffset.UtcNow.AddMinutes(5), Return: false, Trace: false) });
        var notice = kit.Router.ExpectMsg<DeliveryProtocol.Accept>(Patience);
        Assert.Contains("Action: relayed", ContentOf(notice), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_with_a_hold_time_is_not_tried_before_it()
    {
        using var kit = QueueTestKit.Begin(_node);
        var until = DateTimeOffset.UtcNow.AddSeconds(1.5);
        var item = QueueTestNode.Spooled(kit.Spool, "b@far.example");
        await kit.EnqueueAsync(item with { HoldUntil = until, Recipients = [item.Recipients[0] with { NextAttempt = until }] });
        await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1 }] }]);
        Assert.True((await kit.ListAsync())[0].Recipients[0].LastAttempt!.At >= until);
    }

    [Fact]
    public async Task A_deferred_mailbox_gets_the_message_later_and_the_file_is_removed_then()
    {
        using var kit = QueueTestKit.Begin(_node);
        await kit.EnqueueAsync(ForMailbox(kit));
        var deliver = kit.Mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience);
        Assert.Equal((Account, FolderName.Inbox), (deliver.Account, deliver.Folder));
        kit.Mailboxes.Reply(new MailboxProtocol.Delivered(Account, deliver.Message.Id, new MailboxReply.Refused(MailboxRefusal.Unavailable)));
        await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1 }] }]);
        Assert.Single(kit.Spool.List());
        await kit.ChangeAsync(deliver.Message.Id, QueueChange.Retry);
        kit.Mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience);
        kit.Mailboxes.Reply(new MailboxProtocol.Delivered(Account, deliver.Message.Id, new MailboxReply.Appended(default, new Uid(1))));
        await QueueTestKit.Until(() => Task.FromResult(kit.Spool.List().Count == 0));
    }

    [Fact]
    public async Task Quarantined_mail_goes_to_the_INBOX_of_accounts_without_Junk()
    {
        using var kit = QueueTestKit.Begin(_node);
        var item = ForMailbox(kit);
        await kit.EnqueueAsync(item with { Recipients = [item.Recipients[0] with { Quarantined = true }] });
        Assert.Equal("Junk", kit.Mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience).Folder.ToString());
        kit.Mailboxes.Reply(new MailboxProtocol.Delivered(Account, item.Message, new MailboxReply.Refused(MailboxRefusal.NoSuchTarget)));
        Assert.Equal(FolderName.Inbox, kit.Mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience).Folder);
    }

    [Theory]
    [InlineData("example.org", "exact")]
    [InlineData("a.example.org", "below")]
    [InlineData("a.b.example.org", "deeper")]
    [InlineData("other.test", "all")]
    public void The_most_specific_route_applies(string domain, string host)
    {
        var options = _node.Services(_node.OpenSpool(), ActorRefs.Nobody).Options with
        {
            Routes = [Route("*", "all"), Route(".example.org", "below"), Route(".b.example.org", "deeper"), Route("example.org", "exact")],
        };
        Assert.Equal(host, options.DestinationOf(domain).Relay!.Host);
        Assert.Equal("127.0.0.1", (options with { Routes = [] }).DestinationOf(domain).Relay!.Host);
        Assert.Equal(new Destination(domain, null), (options with { Routes = [], Relay = null }).DestinationOf(domain));
    }

    private static OutboundRoute Route(string domain, string host) => new(domain, new RelayHost(host, 25));

    private static QueueItem ForMailbox(QueueTestKit kit)
    {
        var item = QueueTestNode.Spooled(kit.Spool, "b@example.org");
        return item with { Recipients = [item.Recipients[0] with { Mailbox = Account }] };
    }

    private static string ContentOf(DeliveryProtocol.Accept accept)
    {
        using var content = accept.Content.OpenContent();
        return System.Text.Encoding.UTF8.GetString(content.ReadRange(0, (int)content.Length));
    }
}
