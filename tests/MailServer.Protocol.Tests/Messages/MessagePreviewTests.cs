using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>The beginning of a message's text (RFC 8970).</summary>
public sealed class MessagePreviewTests
{
    private static readonly MessageFormat Format = new(Limits.Default);

    [Theory]
    [InlineData("Subject: x\r\n\r\nHello\r\n\r\n  dear   friend\t!\r\n", "Hello dear friend !")]
    [InlineData("Subject: x\r\n\r\n", "")]
    [InlineData("", "")]
    [InlineData("Content-Type: text/html\r\n\r\n<p>One</p><p>two<b>three</b></p>", "One twothree")]
    [InlineData("Content-Type: text/html\r\n\r\n1 < 2 &amp; 3 &gt; 2<br/>next", "1 < 2 & 3 > 2 next")]
    [InlineData("Content-Type: text/html\r\n\r\nI <3 you <b>much</b>", "I <3 you much")]
    [InlineData("Content-Type: text/html\r\n\r\nvisible<style>p{}", "visible")]
    [InlineData("Content-Type: text/html\r\n\r\nvisible<!-- no end", "visible")]
    [InlineData("Content-Type: text/html\r\n\r\nvisible<a href=", "visible")]
    [InlineData("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA", "")]
    [InlineData("Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR", "")]
    [InlineData("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9", "café")]
    [InlineData("Content-Type: text/plain; charset=nonsense\r\n\r\ntext", "text")]
    [InlineData("Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc", "")]
    [InlineData("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--b\r\n\r\nplain\r\n--b--", "plain")]
    [InlineData("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n \r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--b--", "html")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nforwarded\r\n--b--", "")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment\r\n\r\nattached\r\n--b--", "")]
    public void The_text_is_shown_without_markup(string message, string preview) => Assert.Equal(preview, Preview(message));

    [Fact]
    public void It_has_at_most_two_hundred_characters_and_is_never_cut_within_one()
    {
        Assert.Equal(new string('x', 200), Preview("a: b\r\n\r\n" + new string('x', 1_000)));
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 200)), Preview("a: b\r\n\r\n" + string.Concat(Enumerable.Repeat("😀", 300))));
        Assert.Equal(new string('x', 199), Preview("a: b\r\n\r\n" + new string('x', 199) + "   yz"));
    }

    [Fact]
    public void Only_the_beginning_of_a_message_is_read()
    {
        var attachment = new string('x', 10_000_000);
        using var content = new CountingContent(Encoding.ASCII.GetBytes($"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png\r\n\r\n{attachment}\r\n--b--"));
        Assert.Equal("text", Format.Preview(content));
        Assert.InRange(content.OctetsRead, 1, 512 * 1024);
    }

    [Fact]
    public void Any_octets_have_a_preview_within_the_bound() => Gen.OneOf(
        Gen.Byte.Array[0, 300].Select(b => (byte[])[.. "Content-Type: text/html\r\n\r\n"u8, .. b]),
        Gen.OneOfConst("<", ">", "<!--", "-->", "<style>", "</style>", "<br>", "</", "&amp;", "&#x1F600;", "&#0;", "text ", "\0", "é", "<b", "\"").Array[0, 60]
            .Select(words => Encoding.UTF8.GetBytes("Content-Type: text/html\r\n\r\n" + string.Concat(words)))).Sample(message =>
    {
        var preview = Format.Preview(new InMemoryContent(message));
        Assert.InRange(preview.EnumerateRunes().Count(), 0, 200);
        Assert.DoesNotContain(preview, char.IsControl);
    }, iter: 5_000);

    private static string Preview(string message) => Format.Preview(new InMemoryContent(Encoding.UTF8.GetBytes(message)));

    private sealed class CountingContent(byte[] octets) : MessageContent
    {
        public long OctetsRead { get; private set; }

        public override long Length => octets.Length;

        public override int Read(long offset, Span<byte> destination)
        {
            var count = (int)Math.Clamp(octets.Length - offset, 0, destination.Length);
            octets.AsSpan((int)offset, count).CopyTo(destination);
            OctetsRead += count;
            return count;
        }
    }
}
