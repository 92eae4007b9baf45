using System.Text;
using MailServer.Protocol.Messages;
using MimeKit;

namespace MailServer.Protocol.Tests.Messages;

public sealed class SevenBitConverterTests
{
    private const string Text = "From: Ann <ann@example.org>\r\nSubject: Grüße\r\nDKIM-Signature: ours\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSchöne Grüße\r\n.\r\n"
        + "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: größer\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nnäher\r\n"
        + "--b--\r\n";

    [Fact]
    public void Text_and_names_are_unchanged_by_the_conversion()
    {
        var (ok, octets) = Convert(Text);
        Assert.True(ok && Ascii.IsValid(octets));
        var message = MimeMessage.Load(new MemoryStream(octets));
        Assert.Equal("Grüße", message.Subject);
        var parts = (Multipart)message.Body!;
        Assert.Equal("Schöne Grüße\r\n.", ((TextPart)parts[0]).Text.ReplaceLineEndings("\r\n").TrimEnd());
        var nested = ((MessagePart)parts[1]).Message!;
        Assert.Equal(("größer", "näher"), (nested.Subject, nested.TextBody!.Trim()));
    }

    [Fact]
    public void The_DKIM_signature_of_this_server_is_left_out() =>
        Assert.DoesNotContain("DKIM-Signature", Encoding.ASCII.GetString(Convert(Text).Octets), StringComparison.Ordinal);

    [Fact]
    public void A_message_without_MIME_is_encoded_with_its_actual_charset()
    {
        var (ok, octets) = Convert("Subject: x\r\n\r\nSchöne Grüße\r\n");
        Assert.True(ok && Ascii.IsValid(octets));
        var body = (MimeKit.MimePart)MimeMessage.Load(new MemoryStream(octets)).Body!;
        using var decoded = new MemoryStream();
        body.Content!.DecodeTo(decoded);
        Assert.Equal("Schöne Grüße", Encoding.UTF8.GetString(decoded.ToArray()).Trim());
    }

    [Theory]
    [InlineData("From", "Grüße <ann@example.org>", "Grüße", "ann@example.org")]
    [InlineData("To", "\"Grüße, Ann\" <ann@müller.example>", "Grüße, Ann", "ann@xn--mller-kva.example")]
    [InlineData("Cc", "ann@müller.example", "", "ann@xn--mller-kva.example")]
    [InlineData("Reply-To", "Team: Änne <a@b.test>;", "Änne", "a@b.test")]
    public void An_address_field_gets_encoded_words_and_A_labels(string field, string value, string name, string address)
    {
        var (ok, octets) = Convert($"{field}: {value}\r\nSubject: schön\r\nX-Other: schön\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nschön\r\n", keepsBodies: true);
        Assert.True(ok);
        Assert.EndsWith("\r\n\r\nschön\r\n", Encoding.UTF8.GetString(octets), StringComparison.Ordinal);
        Assert.True(Ascii.IsValid(octets.AsSpan(0, octets.AsSpan().IndexOf("\r\n\r\n"u8))));
        var message = MimeMessage.Load(new MemoryStream(octets));
        Assert.Equal(("schön", "schön"), (message.Subject, message.Headers["X-Other"]));
        var mailbox = Assert.Single(InternetAddressList.Parse(message.Headers[field]!).Mailboxes);
        Assert.Equal((name, address), (mailbox.Name ?? "", mailbox.GetAddress(idnEncode: true)));
    }

    [Theory]
    [InlineData("From: grüße@example.org\r\n\r\nx\r\n")]
    [InlineData("To: a@b.test, Ann <grüße@example.org>\r\n\r\nx\r\n")]
    [InlineData("Cc: Team: grüße@example.org;\r\n\r\nx\r\n")]
    [InlineData("Resent-Sender: grüße@grüße.example\r\n\r\nx\r\n")]
    public void An_address_without_an_ASCII_form_cannot_be_converted(string text)
    {
        Assert.False(Convert(text).Ok);
        Assert.False(Convert(text, keepsBodies: true).Ok);
    }

    [Fact]
    public void The_header_of_a_signed_part_cannot_be_converted()
    {
        const string Signed = "Subject: schön\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name={0}\r\n\r\n text \r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n";
        Assert.False(Convert(string.Format(System.Globalization.CultureInfo.InvariantCulture, Signed, "schön.txt"), keepsBodies: true).Ok);
        var plain = string.Format(System.Globalization.CultureInfo.InvariantCulture, Signed, "x.txt");
        var (ok, octets) = Convert(plain, keepsBodies: true);
        Assert.True(ok);
        var text = Encoding.UTF8.GetString(octets);
        Assert.Equal(plain[plain.IndexOf("\r\n\r\n", StringComparison.Ordinal)..], text[text.IndexOf("\r\n\r\n", StringComparison.Ordinal)..]);
    }

    private static (bool Ok, byte[] Octets) Convert(string text, bool keepsBodies = false)
    {
        using var target = new MemoryStream();
        var ok = SevenBitEncoder.TryWrite(new MemoryStream(Encoding.UTF8.GetBytes(text)), target, (name, _) => name == "DKIM-Signature", keepsBodies);
        return (ok, target.ToArray());
    }
}
