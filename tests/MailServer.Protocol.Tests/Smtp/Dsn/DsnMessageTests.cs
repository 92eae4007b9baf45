using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Dsn;
using MimeKit;

namespace MailServer.Protocol.Tests.Smtp.Dsn;

public sealed class DsnMessageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly byte[] Header = "From: a@example.org\r\nSubject: lost\r\n\r\n"u8.ToArray();

    [Fact]
    public void A_failure_notice_contains_recipient_status_and_the_reply_of_the_host()
    {
        var report = Write(Notice(DsnAction.Failed, new SmtpReply(550, "5.1.1", "no such user")), Header);
        Assert.Equal("delivery-status", report.ReportType);
        Assert.Contains("no such user", Assert.IsType<TextPart>(report[0]).Text, StringComparison.Ordinal);
        var status = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups;
        Assert.Equal("env id", status[0]["Original-Envelope-Id"]);
        Assert.Equal("dns; mx.example.org", status[0]["Reporting-MTA"]);
        Assert.Equal("rfc822; who@remote.example", status[1]["Original-Recipient"]);
        Assert.Equal("rfc822; b@remote.example", status[1]["Final-Recipient"]);
        Assert.Equal(("failed", "5.1.1"), (status[1]["Action"], status[1]["Status"]));
        Assert.Equal("dns; mx.remote.example", status[1]["Remote-MTA"]);
        Assert.Equal("smtp; 550 5.1.1 no such user", status[1]["Diagnostic-Code"]);
        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
    }

    [Fact]
    public void A_UTF8_address_is_reported_in_the_forms_of_RFC_6533()
    {
        var notice = Notice(DsnAction.Failed, new SmtpReply(550, "5.1.1", "no")) with
        {
            Recipients = [new DsnRecipient(EmailAddress.Parse("gr\u00FC\u00DFe@remote.example"), "utf-8;\\x{FC}@remote.example", null)],
        };
        var output = new ArrayBufferWriter<byte>();
        DsnMessageWriter.Write(output, notice, Header, whole: false);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Contains("Content-Type: message/global-delivery-status", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global-headers", text, StringComparison.Ordinal);
        Assert.Contains("Original-Recipient: utf-8; \u00FC@remote.example", text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: utf-8; gr\u00FC\u00DFe@remote.example", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_delay_notice_states_when_delivery_attempts_end()
    {
        var report = Write(Notice(DsnAction.Delayed, new SmtpReply(451, "", "later")) with { RetryUntil = Now.AddDays(5) }, Header);
        var status = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups[1];
        Assert.Equal(("delayed", "4.0.0"), (status["Action"], status["Status"]));
        Assert.Equal("Mon, 09 Mar 2026 05:06:07 +0000", status["Will-Retry-Until"]);
    }

    [Fact]
    public void A_reply_of_a_host_cannot_add_fields_to_the_notice()
    {
        var report = Write(Notice(DsnAction.Failed, new SmtpReply(550, "5.1.1", "no\r\nAction: delivered\n\nX: é")), Header);
        var groups = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups;
        Assert.Equal(2, groups.Count);
        Assert.Equal("failed", groups[1]["Action"]);
    }

    [Fact]
    public void RET_FULL_returns_the_whole_message_whatever_it_contains()
    {
        var message = "From: a@example.org\r\nSubject: x\r\n\r\n--=_q1.dsn_0\r\n--=_q1.dsn_0--\r\nGrüße\r\n"u8.ToArray();
        var report = Write(Notice(DsnAction.Failed, new SmtpReply(550, "5.1.1", "no")), message, whole: true);
        var original = Assert.IsType<MessagePart>(report[2]).Message;
        Assert.Contains("--=_q1.dsn_0--", Assert.IsType<TextPart>(original!.Body).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_without_content_still_gets_a_notice() =>
        Assert.Equal(2, Write(Notice(DsnAction.Failed, new SmtpReply(554, "5.3.0", "lost")), []).Count);

    private static DsnMessage Notice(DsnAction action, SmtpReply reply) => new()
    {
        Action = action,
        Hostname = "mx.example.org",
        To = EmailAddress.Parse("a@example.org"),
        UniqueId = "q1.dsn",
        Now = Now,
        ArrivedAt = Now,
        EnvelopeId = "env+20id",
        Recipients = [new DsnRecipient(EmailAddress.Parse("b@remote.example"), "rfc822;who@remote.example", new DeliveryAttempt(Now, "mx.remote.example", "TLSv1.3", reply))],
    };

    private static MultipartReport Write(DsnMessage notice, byte[] returned, bool whole = false)
    {
        var output = new ArrayBufferWriter<byte>();
        DsnMessageWriter.Write(output, notice, returned, whole);
        Assert.DoesNotContain("\n", Encoding.UTF8.GetString(output.WrittenSpan).Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var message = MimeMessage.Load(new MemoryStream(output.WrittenSpan.ToArray()));
        Assert.Equal("a@example.org", message.To.ToString());
        Assert.Equal("auto-replied", message.Headers["Auto-Submitted"]);
        return Assert.IsType<MultipartReport>(message.Body);
    }
}
