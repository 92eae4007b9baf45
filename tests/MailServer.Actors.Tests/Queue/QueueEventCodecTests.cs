using MailServer.Actors.Queue;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Queue;

public sealed class QueueEventCodecTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly SpoolId Message = new("1.M2P3Q4.mx");

    [Fact]
    public void Every_event_round_trips()
    {
        Check(new QueueEvent.NoticeSent(Message, [0, 300]), (a, b) => Assert.Equal(a.Recipients, b.Recipients));
        Check(new QueueEvent.Rescheduled(Message, Now, true), Assert.Equal);
        Check(new QueueEvent.Deleted(Message), Assert.Equal);
        Check(
            new QueueEvent.Attempted(Message, Now, "mx.far.example", "TLSv1.3", [new AttemptResult(1, RecipientState.Failed, new SmtpReply(550, "5.1.1", "no\nnever"), Now, true)]),
            (a, b) => Assert.Equal((a.Id, a.At, a.Host, a.Tls, a.Results[0]), (b.Id, b.At, b.Host, b.Tls, b.Results[0])));
    }

    [Fact]
    public void A_message_round_trips_with_all_its_fields()
    {
        var item = new QueueItem
        {
            Message = Message,
            MessageId = "<é@x>",
            Sender = EmailAddress.Parse("ann@example.org"),
            QueuedAt = Now,
            Size = 5_000_000_000,
            PrefixLength = 77,
            EightBit = true,
            SmtpUtf8 = true,
            IsHeld = true,
            Return = DsnReturn.Full,
            EnvelopeId = "e",
            RequireTls = true,
            TlsOptional = true,
            Priority = -9,
            DeliverBy = new DeliverBy(Now, true, true),
            HoldUntil = Now,
            Recipients =
            [
                new QueueRecipient { Address = EmailAddress.Parse("\"a b\"@far.example"), NextAttempt = Now },
                new QueueRecipient
                {
                    Address = EmailAddress.Parse("grüße@far.example"),
                    Notify = DsnNotify.Success,
                    OriginalRecipient = "rfc822;x",
                    State = RecipientState.Delivered,
                    Attempts = 3,
                    NextAttempt = Now,
                    DsnPending = true,
                    Mailbox = new MailServer.Domain.Accounts.AccountId(7),
                    Quarantined = true,
                    DelayNotified = true,
                    LastAttempt = new DeliveryAttempt(Now, "mx", "none", new SmtpReply(250, "2.0.0", "ok")),
                },
            ],
        };
        Check(new QueueEvent.Queued(item), (a, b) => AssertSame(a.Item, b.Item));
        Check(new QueueSnapshot([QueueState.Pack(item), QueueState.Pack(item with { Sender = null, MessageId = null })]), (a, b) => Assert.Equal(a.Items, b.Items));
        AssertSame(item, QueueState.Unpack(QueueState.Pack(item)));
    }

    private static void AssertSame(QueueItem a, QueueItem b)
    {
        Assert.Equal(a with { Recipients = [] }, b with { Recipients = [] });
        Assert.Equal(a.Recipients, b.Recipients);
    }

    private static void Check<T>(T value, Action<T, T> compare)
        where T : class => compare(value, (T)QueueEventCodec.Decode(QueueEventCodec.Write(value), QueueEventCodec.Manifest(value)));
}
