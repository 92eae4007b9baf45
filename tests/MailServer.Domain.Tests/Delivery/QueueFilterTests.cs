using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Domain.Tests.Delivery;

public sealed class QueueFilterTests
{
    private static readonly DateTimeOffset Queued = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly QueueItem Item = new()
    {
        Message = new SpoolId("1.M1P1Q1.n"),
        MessageId = null,
        Sender = EmailAddress.Parse("ann@example.org"),
        QueuedAt = Queued,
        Size = 1,
        PrefixLength = 0,
        EightBit = false,
        SmtpUtf8 = false,
        Recipients =
        [
            Recipient("bob@far.example", RecipientState.Waiting, "452 4.2.2 Mailbox full"),
            Recipient("zoe@else.example", RecipientState.Waiting, null),
            Recipient("done@gone.example", RecipientState.Delivered, "250 taken"),
        ],
    };

    [Theory]
    [InlineData("bob@far.example", true)]
    [InlineData("BOB@FAR.example", true)]
    [InlineData("bob@*", true)]
    [InlineData("*@far.example", true)]
    [InlineData("*", true)]
    [InlineData("b*@*.ex*ple", true)]
    [InlineData("bob", false)]
    [InlineData("bob@", false)]
    [InlineData("*bob", false)]
    [InlineData("bob@far.example*e", false)]
    [InlineData("done@gone.example", false)]
    public void A_recipient_is_matched_by_address(string to, bool isMeant) => Assert.Equal(isMeant, new QueueFilter { To = to }.Matches(Item));

    [Theory]
    [InlineData("ann@example.org", true)]
    [InlineData("*@example.org", true)]
    [InlineData("<>", false)]
    [InlineData("bob@far.example", false)]
    public void A_sender_is_matched_by_address(string from, bool isMeant) => Assert.Equal(isMeant, new QueueFilter { From = from }.Matches(Item));

    [Fact]
    public void A_bounce_is_matched_by_its_empty_sender() => Assert.True(new QueueFilter { From = "<>" }.Matches(Item with { Sender = null }));

    [Theory]
    [InlineData("far.example", "mailbox FULL", true)]
    [InlineData("far.example", "greylisted", false)]
    [InlineData("else.example", "mailbox full", false)]
    [InlineData("else.example", null, true)]
    [InlineData("gone.example", null, false)]
    [InlineData("example", null, false)]
    [InlineData(null, "taken", false)]
    [InlineData(null, "4.2.2", true)]
    public void Recipient_conditions_must_hold_for_a_waiting_recipient(string? domain, string? reason, bool isMeant) =>
        Assert.Equal(isMeant, new QueueFilter { Domain = domain, Reason = reason }.Matches(Item));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Age_counts_from_when_it_was_queued(int seconds, bool isMeant) => Assert.Equal(isMeant, new QueueFilter { QueuedBefore = Queued.AddSeconds(seconds) }.Matches(Item));

    [Fact]
    public void A_pattern_with_many_wildcards_is_matched_quickly() =>
        Assert.False(new QueueFilter { To = string.Concat(Enumerable.Repeat("*a", 5_000)) + "!" }.Matches(Item));

    [Fact]
    public void An_empty_filter_matches_every_message() => Assert.True(QueueFilter.Everything.IsEverything && QueueFilter.Everything.Matches(Item) && new QueueFilter().IsEverything);

    private static QueueRecipient Recipient(string address, RecipientState state, string? reply) => new()
    {
        Address = EmailAddress.Parse(address),
        State = state,
        LastAttempt = reply is null ? null : new DeliveryAttempt(Queued, "mx.example", "", new SmtpReply(int.Parse(reply[..3], System.Globalization.CultureInfo.InvariantCulture), "", reply[4..])),
    };
}
