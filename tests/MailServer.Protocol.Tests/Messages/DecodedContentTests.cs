using System.Text;
using CsCheck;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>Parts of messages without their transfer encoding (RFC 3516).</summary>
public sealed class DecodedContentTests
{
    [Fact]
    public void A_part_is_decoded_at_any_offset() => Gen.Select(Gen.Byte.Array[0, 60_000], Gen.Int[0, 60_000].Array[1, 6], Gen.Int[1, 20_000]).Sample((octets, offsets, size) =>
    {
        var encoded = Encoding.ASCII.GetBytes("xx" + Convert.ToBase64String(octets, Base64FormattingOptions.InsertLineBreaks) + "yy");
        using var decoded = new DecodedContent(new InMemoryContent(encoded), new SectionRange(2, encoded.Length - 4), TransferEncoding.Base64);
        Assert.Equal(octets.Length, decoded.Length);
        Assert.Equal(octets.Contains((byte)0), decoded.HasNul);
        foreach (var offset in offsets) Assert.Equal(octets.Skip(offset).Take(size), decoded.ReadRange(offset, size));
    }, iter: 200);

    [Fact]
    public void Text_and_plain_octets_are_decoded()
    {
        Assert.Equal("café = 1", Decode("caf=C3=A9 =3D=\r\n 1", TransferEncoding.QuotedPrintable));
        Assert.Equal("a\r\nb=3D", Decode("a\r\nb=3D", TransferEncoding.Identity));
        Assert.Equal("", Decode("", TransferEncoding.Base64));
        Assert.Equal("", Decode("!!!!", TransferEncoding.Base64));
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\n", TransferEncoding.Identity)]
    [InlineData("content-transfer-encoding: BASE64\r\n\r\n", TransferEncoding.Base64)]
    [InlineData("Content-Transfer-Encoding:\r\n quoted-printable (comment)\r\n\r\n", TransferEncoding.QuotedPrintable)]
    [InlineData("Content-Transfer-Encoding: 8bit\r\n\r\n", TransferEncoding.Identity)]
    [InlineData("Content-Transfer-Encoding: binary\r\n\r\n", TransferEncoding.Identity)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n", TransferEncoding.Identity)]
    public void The_encoding_is_read_from_the_header(string header, object encoding) => Assert.Equal((TransferEncoding)encoding, DecodedContent.EncodingOf(Encoding.ASCII.GetBytes(header)));

    [Fact]
    public void An_unknown_encoding_is_not_guessed() => Assert.Null(DecodedContent.EncodingOf("Content-Transfer-Encoding: x-uuencode\r\n\r\n"u8));

    private static string Decode(string encoded, TransferEncoding encoding)
    {
        var octets = Encoding.UTF8.GetBytes(encoded);
        using var decoded = new DecodedContent(new InMemoryContent(octets), new SectionRange(0, octets.Length), encoding);
        return Encoding.UTF8.GetString(decoded.ReadRange(0, 1_000));
    }
}
