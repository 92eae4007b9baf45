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

    private static (bool Ok, byte[] Octets) Convert(string text)
    {
        using var target = new MemoryStream();
        var ok = SevenBitEncoder.TryWrite(new MemoryStream(Encoding.UTF8.GetBytes(text)), target, (name, _) => name == "DKIM-Signature");
        return (ok, target.ToArray());
    }
}
