using System.Buffers;
using System.Text;
using MailServer.Domain.Messages;
using MailServer.Protocol.Scheduling;
using MimeKit;
using static MailServer.Protocol.Tests.Scheduling.MeetingSamples;

namespace MailServer.Protocol.Tests.Scheduling;

public sealed class InvitationMailTests
{
    [Fact]
    public void An_invitation_has_readable_text_and_the_calendar()
    {
        using var mail = Load(Write(Change(null, Of(Component(Weekly + "\nSUMMARY:Grüße\\, Talk\nLOCATION:Room 1\n" + People()))).Messages[0]));
        Assert.Equal("Invitation: Grüße, Talk", mail.Subject);
        Assert.Equal("\"Alice\" <alice@a.test>", mail.From.ToString());
        Assert.Contains("Alice invites you to:", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("When: Tuesday, 1 December 2026, 10:00 to 11:00 (Europe/Berlin)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Repeats: every week, 5 times", mail.TextBody, StringComparison.Ordinal);
        var part = mail.BodyParts.OfType<TextPart>().Single(p => p.ContentType.IsMimeType("text", "calendar"));
        Assert.Equal("REQUEST", part.ContentType.Parameters["method"]);
        Assert.Contains("METHOD:REQUEST", part.Text, StringComparison.Ordinal);
        Assert.Equal("invite.ics", mail.Attachments.Single().ContentDisposition!.FileName);
    }

    [Theory]
    [InlineData("ACCEPTED", "Accepted: Talk", "bob has accepted:")]
    [InlineData("DECLINED", "Declined: Talk", "bob has declined:")]
    public void A_reply_states_its_participation(string answer, string subject, string words)
    {
        var old = Of(Component(Times + "\nSUMMARY:Talk\n" + People()));
        using var mail = Load(Write(AttendeeChangePlanner.Plan(old, Of(Component(Times + "\nSUMMARY:Talk\n" + People(answer))), Bob, Now).Messages[0]));
        Assert.Equal(subject, mail.Subject);
        Assert.Contains(words, mail.TextBody, StringComparison.Ordinal);
        Assert.Equal("alice@a.test", mail.To.Mailboxes.Single().Address);
    }

    [Fact]
    public void A_written_message_is_parsed_with_its_author()
    {
        var message = Change(null, Of(Component(Times + "\n" + People()))).Messages[0];
        var read = InvitationMail.Read(new InMemoryContent(Write(message)))!.Value;
        Assert.Equal(Alice, read.From);
        Assert.Equal(Show(message.Body), Show(read.Body));
    }

    [Theory]
    [InlineData("From: a@a.test\r\nFrom: b@b.test\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nx")]
    [InlineData("From: a@a.test, b@b.test\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nx")]
    [InlineData("From: a@a.test\r\nContent-Type: text/calendar\r\n\r\nx")]
    [InlineData("From: a@a.test\r\nContent-Type: text/plain\r\n\r\nx")]
    [InlineData("")]
    public void A_message_without_a_single_author_and_a_method_is_not_an_invitation(string text) => Assert.Null(InvitationMail.Read(new InMemoryContent(Encoding.UTF8.GetBytes(text))));

    [Theory]
    [InlineData("REQUEST", true)]
    [InlineData("request", true)]
    [InlineData("CANCEL", false)]
    [InlineData("REPLY", false)]
    public void The_method_parameter_must_match_the_calendar(string method, bool isRead)
    {
        var mail = "From: alice@a.test\r\nContent-Type: text/calendar; method=" + method + "\r\n\r\n"
            + Encoding.UTF8.GetString(Change(null, Of(Component(Times + "\n" + People()))).Messages[0].Body.Span);
        Assert.Equal(isRead, InvitationMail.Read(new InMemoryContent(Encoding.UTF8.GetBytes(mail))) is not null);
    }

    [Fact]
    public void Line_breaks_in_a_title_cannot_add_a_header_field()
    {
        using var mail = Load(Write(Change(null, Of(Component(Times + "\nSUMMARY:a\\nBcc: x@x.test\n" + People()))).Messages[0]));
        Assert.Equal("Invitation: a Bcc: x@x.test", mail.Subject);
        Assert.Empty(mail.Bcc);
    }

    private static byte[] Write(ItipMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        InvitationMail.Write(output, message, "unique", Now);
        return output.WrittenSpan.ToArray();
    }

    private static MimeMessage Load(byte[] mail)
    {
        using var stream = new MemoryStream(mail);
        return MimeMessage.Load(stream);
    }
}
