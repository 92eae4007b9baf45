using MailServer.Protocol.Sieve.Running;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>vacation (RFC 5230), vacation-seconds (RFC 6131), and who gets no automatic reply (RFC 3834).</summary>
public sealed class SieveVacationTests
{
    [Fact]
    public void A_reply_has_what_it_needs()
    {
        var vacation = Reply("vacation :days 23 :subject \"Gone ä\" :from \"Ben <ben@example.org>\" :addresses [\"x@example.org\"] \"I'm away\";");
        Assert.Equal(("ada@example.com", "Gone ä", "Ben <ben@example.org>", "I'm away"), (vacation.Recipient, vacation.Subject, vacation.From, vacation.Reason));
        Assert.Equal((TimeSpan.FromDays(23), "<1@example.com>", "<1@example.com>", false), (vacation.Interval, vacation.InReplyTo, vacation.References, vacation.IsMime));
        Assert.Equal("Auto: Make money fast", Reply("vacation \"x\";").Subject);
        Assert.True(Reply("vacation :mime \"Content-Type: text/plain\r\n\r\nx\";").IsMime);
    }

    [Fact]
    public void References_continue_those_of_the_message() =>
        Assert.Equal("<a@x> <b@x> <c@x>", Reply("vacation \"x\";", "To: ben@example.org\nReferences: <a@x>\n <b@x>\nMessage-ID: <c@x>\n\n").References);

    [Theory]
    [InlineData("", 7 * 86_400)]
    [InlineData(":days 0", 86_400)]
    [InlineData(":days 1000", 60 * 86_400)]
    [InlineData(":seconds 1800", 1_800)]
    [InlineData(":seconds 0", 0)]
    [InlineData(":days 9223372036854775807", 60 * 86_400)]
    public void The_interval_is_bounded(string tag, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Reply($"vacation {tag} \"x\";").Interval);

    [Fact]
    public void The_key_depends_on_the_handle_or_on_what_is_said() // RFC 5230 §4.2
    {
        var key = Reply("vacation \"x\";").Key;
        Assert.Equal(key, Reply("vacation :days 3 :addresses \"y@example.org\" \"x\";").Key);
        Assert.NotEqual(key, Reply("vacation \"y\";").Key);
        Assert.NotEqual(key, Reply("vacation :subject \"s\" \"x\";").Key);
        Assert.Equal(Reply("vacation :handle \"h\" \"x\";").Key, Reply("vacation :handle \"h\" :subject \"z\" \"y\";").Key);
    }

    [Fact]
    public void A_copy_can_be_kept() // RFC 8580 §3
    {
        var copy = Reply("vacation :fcc \"Sent\" :create :flags \"\\\\Seen\" :specialuse \"\\\\Sent\" \"x\";").Copy!;
        Assert.Equal(("Sent", true, "\\Sent", "\\Seen"), (copy.Mailbox, copy.Creates, copy.SpecialUse, copy.Flags![0]));
        Assert.Null(Reply("vacation \"x\";").Copy);
    }

    [Theory]
    [InlineData("vacation \"a\"; vacation \"b\";", "error: 'vacation' was used before in this run")]
    [InlineData("vacation \"a\"; discard;", "vacation to ada@example.com: Auto: Make money fast; discard")]
    [InlineData("vacation \"a\"; reject \"b\";", "error: the message is refused and also delivered or answered")]
    public void Vacation_and_other_actions(string script, string actions) => Assert.Equal(actions, Do(Require("vacation reject") + script));

    [Fact]
    public void Days_and_seconds_exclude_each_other() =>
        Assert.EndsWith("':days' and ':seconds' exclude each other", Error("require \"vacation-seconds\"; vacation :days 1 :seconds 1 \"x\";"), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("MAILER-DAEMON@example.com")]
    [InlineData("owner-list@example.com")]
    [InlineData("list-request@example.com")]
    [InlineData("noreply@example.com")]
    [InlineData("no-reply+x@example.com")]
    [InlineData("do-not-reply@example.com")]
    [InlineData("LISTSERV@example.com")]
    [InlineData("list-bounces@example.com")]
    [InlineData("BEN@example.org")]
    [InlineData("ben+x@example.org")]
    [InlineData("alias@example.org")]
    public void These_senders_get_no_reply(string sender) => Refused("", new TestFacts { Sender = sender, Own = ["ben@example.org", "alias@example.org"] });

    [Theory]
    [InlineData("List-Id: x")]
    [InlineData("List-Unsubscribe: <mailto:x>")]
    [InlineData("Precedence: bulk")]
    [InlineData("Precedence: LIST")]
    [InlineData("Precedence: junk")]
    [InlineData("Auto-Submitted: auto-replied")]
    [InlineData("Auto-Submitted: auto-generated (x)")]
    [InlineData("X-Auto-Response-Suppress: DR, OOF")]
    [InlineData("X-Auto-Response-Suppress: All")]
    public void These_messages_get_no_reply(string field) => Refused(field, new TestFacts());

    [Fact]
    public void Junk_gets_no_reply() => Refused("", new TestFacts { Junk = true });

    [Theory]
    [InlineData("Auto-Submitted: no")]
    [InlineData("Auto-Submitted: No (it is from a person)")]
    [InlineData("Precedence: first-class")]
    [InlineData("X-Auto-Response-Suppress: DR")]
    public void These_messages_get_one(string field) => Assert.NotNull(Reply("vacation \"x\";", $"{field}\nTo: ben@example.org\n\n"));

    [Theory]
    [InlineData("To: ben@example.org", true)]
    [InlineData("Cc: BEN@EXAMPLE.ORG", true)]
    [InlineData("Resent-To: x@example.net, Ben <ben+tag@example.org>", true)]
    [InlineData("To: alias@example.org", true)]
    [InlineData("Bcc: script@example.org", true)]
    [InlineData("To: other@example.org", false)]
    [InlineData("X-To: ben@example.org", false)]
    public void The_message_must_name_an_own_address(string field, bool isAnswered)
    {
        var facts = new TestFacts { Own = ["ben@example.org", "alias@example.org"] };
        var outcome = Run("require \"vacation\"; vacation :addresses \"script@example.org\" \"x\";", field + "\n\n", facts);
        Assert.Equal(isAnswered, outcome.Actions.Any(a => a is SieveVacation));
    }

    private static void Refused(string field, TestFacts facts)
    {
        var outcome = Run("require \"vacation\"; vacation \"x\";", $"To: ben@example.org\nX: y\n{field}{(field.Length > 0 ? "\n" : "")}\n", facts);
        Assert.IsType<SieveKeep>(Assert.Single(outcome.Actions));
        Assert.StartsWith("no automatic reply: ", Assert.Single(outcome.Remarks), StringComparison.Ordinal);
    }

    private static SieveVacation Reply(string script, string message = Message) =>
        Assert.Single(Run(Require("vacation vacation-seconds fcc mailbox imap4flags special-use") + script, message).Actions.OfType<SieveVacation>());
}
