using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Sieve.Composing;
using MailServer.Protocol.Sieve.Running;
using MimeKit;

namespace MailServer.Protocol.Tests.Sieve;

public sealed class AutomaticMailTests
{
    private static readonly EmailAddress Ben = EmailAddress.Parse("ben@example.org");
    private static readonly EmailAddress Ada = EmailAddress.Parse("ada@example.com");
    private static readonly AutomaticMailOrigin Origin = new(Ben, Ben, "<1@mx.example.org>", "Mon, 23 Nov 2026 08:00:00 +0000");

    [Fact]
    public void A_reply_has_the_fields_of_one_and_text_in_any_language()
    {
        var mail = Read(AutomaticMail.Reply(Reply("Grüße\nvon mir"), Ada, Origin with { FromField = "Ben Grün <ben@example.org>" }));
        Assert.Equal(("Fort: Grüße", "auto-replied (vacation)", "<a@example.com>"), (mail.Subject, mail.Headers["Auto-Submitted"], mail.Headers["In-Reply-To"]));
        Assert.Equal("Ben Grün", mail.From.Mailboxes.Single().Name);
        Assert.Equal("ada@example.com", mail.To.Mailboxes.Single().Address);
        Assert.Equal("Grüße\nvon mir\n", mail.TextBody!.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_header_is_ASCII_and_no_text_begins_another_field()
    {
        var octets = AutomaticMail.Reply(Reply("x") with { Subject = "a\r\nBcc: all@example.org\r\n\r\nü" }, Ada, Origin);
        var head = octets.AsSpan(0, octets.AsSpan().IndexOf("\r\n\r\n"u8));
        Assert.True(Ascii.IsValid(head));
        Assert.DoesNotContain("\n", Encoding.UTF8.GetString(octets).Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc", Encoding.ASCII.GetString(head), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_MIME_entity_only_fields_about_the_content_are_used()
    {
        const string Entity = "Bcc: all@example.org\nContent-Type: text/html; charset=utf-8\nTo: else@example.org\n\n<p>Weg</p>";
        var mail = Read(AutomaticMail.Reply(Reply(Entity) with { IsMime = true }, Ada, Origin));
        Assert.Equal("<p>Weg</p>\n", mail.HtmlBody!.ReplaceLineEndings("\n"));
        Assert.Empty(mail.Bcc);
        Assert.Equal("ada@example.com", mail.To.Mailboxes.Single().Address);
    }

    [Fact]
    public void A_notification_names_sender_and_subject_and_its_owner()
    {
        var notify = Assert.IsType<SieveNotify>(SieveBed.Run("require \"enotify\"; notify :importance \"1\" \"mailto:dora@example.net?x-room=7\";").Actions[0]);
        var mail = Read(AutomaticMail.Notification(notify, SieveBed.Read(SieveBed.Message), Origin));
        Assert.Equal(("Make money fast", "High", "7"), (mail.Subject, mail.Headers["Importance"], mail.Headers["x-room"]));
        Assert.Equal("auto-notified; owner-email=\"ben@example.org\"", mail.Headers["Auto-Submitted"]);
        Assert.Contains("From: Ada Lovelace <ada+news@example.com>", mail.TextBody, StringComparison.Ordinal);
    }

    private static SieveVacation Reply(string reason) => new("ada@example.com", "key", TimeSpan.FromDays(7), "Fort: Grüße", null, reason, false, "<a@example.com>", "<a@example.com>", null);

    private static MimeMessage Read(byte[] mail) => MimeMessage.Load(new MemoryStream(mail));
}
