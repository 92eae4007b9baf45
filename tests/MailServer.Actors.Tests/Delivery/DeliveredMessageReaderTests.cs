using System.Buffers;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Delivery;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Actors.Tests.Queue;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Delivery;

/// <summary>Which delivered messages are shown to the readers of reports and invitations.</summary>
public sealed class DeliveredMessageReaderTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly QueueTestNode _node = new();
    private readonly RecordingReader _reader = new();

    public DeliveredMessageReaderTests()
        : base("storage-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 2, threadtype = background } }")
    {
    }

    [Fact]
    public void A_mailbox_that_deferred_its_copy_is_among_the_recipients_shown()
    {
        var spool = _node.OpenSpool();
        var mailboxes = CreateTestProbe();
        var queue = CreateTestProbe();
        var client = CreateTestProbe();
        Worker(spool, mailboxes.Ref, queue.Ref).Tell(Message(spool, EnvelopeOptions.None), client.Ref);
        foreach (var answer in (MailboxReply[])[new MailboxReply.Appended(default, new Uid(1)), new MailboxReply.Refused(MailboxRefusal.Unavailable)])
        {
            var deliver = mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience);
            mailboxes.Reply(new MailboxProtocol.Delivered(deliver.Account, deliver.Message.Id, answer));
        }

        queue.Reply(new QueueProtocol.Enqueued(queue.ExpectMsg<QueueProtocol.Enqueue>(Patience).Item.Message, true));
        Assert.True(client.ExpectMsg<SmtpReply>(Patience).IsPositive);
        AwaitAssert(() => Assert.Equal(2, Assert.Single(_reader.Seen).Recipients.Count), Patience);
    }

    [Fact]
    public void A_held_message_is_not_shown_to_readers_of_delivered_messages()
    {
        var spool = _node.OpenSpool();
        var queue = CreateTestProbe();
        var client = CreateTestProbe();
        var wishes = EnvelopeOptions.None with { HoldUntil = DateTimeOffset.UtcNow.AddHours(1) };
        Worker(spool, ActorRefs.Nobody, queue.Ref).Tell(Message(spool, wishes), client.Ref);
        queue.Reply(new QueueProtocol.Enqueued(queue.ExpectMsg<QueueProtocol.Enqueue>(Patience).Item.Message, true));
        Assert.True(client.ExpectMsg<SmtpReply>(Patience).IsPositive);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        Assert.Empty(_reader.Seen);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _node.Dispose();
    }

    private static DeliveryProtocol.Accept Message(Storage.Spool.MessageSpool spool, EnvelopeOptions wishes)
    {
        var buffer = spool.Begin();
        buffer.Write("From: a@far.test\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nbody\r\n"u8);
        return new DeliveryProtocol.Accept(
            DeliveryTestServices.Transaction(SessionPolicy.Receiving, isSignedIn: false) with
            {
                Recipients = [EmailAddress.Parse("1@example.org"), EmailAddress.Parse("2@example.org")],
                Options = wishes,
            },
            buffer);
    }

    private IActorRef Worker(Storage.Spool.MessageSpool spool, IActorRef mailboxes, IActorRef queue)
    {
        var services = DeliveryTestServices.Create(_node, spool, mailboxes) with
        {
            Addresses = new AddressPolicy(new NumberedDirectory(), Limits.Default, "mx.example.org", null),
            Queue = queue,
            Readers = [_reader],
        };
        return Sys.ActorOf(DeliveryTestServices.Worker(services));
    }

    private sealed class RecordingReader : IDeliveredMessageHandler
    {
        public List<DeliveredMessage> Seen { get; } = [];

        public bool Wants(DeliveredMessage message) => true;

        public void Read(DeliveredMessage message, MessageContent content) => Seen.Add(message);
    }

    /// <summary>Maps the address with number n to account n.</summary>
    private sealed class NumberedDirectory : IDirectory
    {
        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
            ValueTask.FromResult<RecipientResolution>(new RecipientResolution.Local(new AccountId(int.Parse(address.Local, System.Globalization.CultureInfo.InvariantCulture)), address, null));

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => ValueTask.FromResult(true);

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult<AccountCredentials?>(null);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => ValueTask.FromResult(false);

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<Account?>(null);
    }
}
