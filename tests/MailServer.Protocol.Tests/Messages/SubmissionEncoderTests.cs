using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MimeKit;

namespace MailServer.Protocol.Tests.Messages;

public sealed class SubmissionEncoderTests
{
    private const int Max = 998;

    private static readonly string LongWord = new('x', 1_500);
    private static readonly string LongText = string.Join(' ', Enumerable.Repeat("word", 500));

    /// <summary>The fields of a part with a long line, its body, and the transfer encoding that it gets; null: the message is refused.</summary>
    public static TheoryData<string, string, string?> Parts => new()
    {
        { "", LongWord, "quoted-printable" },
        { "", LongText, "quoted-printable" },
        { "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", LongText + " gr\u00FC\u00DFe = \t", "quoted-printable" },
        { "Content-Type: text/html\r\nContent-Transfer-Encoding: 7bit", $"<p>{LongText}</p>", "quoted-printable" },
        { "Content-Type: application/json", LongText, "base64" },
        { "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary", LongWord, "base64" },
        { "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable", string.Concat(Enumerable.Repeat("=41 x=\r\n.", 3)) + string.Concat(Enumerable.Repeat("=3D", 500)), "quoted-printable" },
        { "Content-Type: image/png\r\nContent-Transfer-Encoding: base64", string.Concat(Enumerable.Repeat("QUJD", 500)), "base64" },
        { "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode", LongWord, null },
        { "Content-Type: text/plain", $"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n{LongText}", null },
        { "Content-Type: message/partial; id=x; number=1", LongText, null },
        { "Content-Type: message/delivery-status", LongText, null },
        { "Content-Type: multipart/mixed", LongText, null },
        { "Content-Type: multipart/mixed; boundary=b", LongText, null },
        { "Content-Type: multipart/mixed; boundary=b", $"--b\r\n\r\nx\r\n--b--\r\n{LongText}", null },
        { "Content-Type: multipart/signed; boundary=b", $"--b\r\n\r\n{LongText}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--", null },
        { "Content-Type: (a comment) multipart/(b)signed; boundary=b", $"--b\r\n\r\n{LongText}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--", null },
        { "Content-Type:\r\n text/plain\r\nContent-Transfer-Encoding: (a comment)\r\n 8bit (b)", LongText, "quoted-printable" },
        { "Content-Type: multipart/encrypted; boundary=b", $"--b\r\n\r\nx\r\n--b\r\n\r\n{LongText}\r\n--b--", null },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_part_with_a_long_line_is_encoded_or_the_message_is_refused(string fields, string body, string? encoding)
    {
        foreach (var (before, after) in (ReadOnlySpan<(string, string)>)[("", ""), (Outer + "--outer\r\n", "\r\n--outer\r\nContent-Type: text/plain\r\n\r\nlast part\r\n--outer--\r\n"),
            (Outer + "--outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n", "\r\n--outer--\r\n")])
        {
            var text = before.Length == 0 ? $"From: a@b.test\r\n{Line(fields)}\r\n{body}\r\n" : $"{before}{Line(fields)}\r\n{body}{after}";
            var (change, made) = Encode(text);
            Assert.Equal(encoding is null ? SubmissionChange.Impossible : SubmissionChange.Rewritten, change);
            if (encoding is null) continue;
            AssertShort(made);
            AssertSameContent(text, made);
            Assert.Contains($"Content-Transfer-Encoding: {encoding}\r\n", Encoding.Latin1.GetString(made), StringComparison.Ordinal);
            if (!fields.EndsWith(encoding, StringComparison.Ordinal)) Assert.Contains("MIME-Version: 1.0", Encoding.Latin1.GetString(made), StringComparison.Ordinal);
            Assert.Equal(SubmissionChange.None, Encode(Encoding.Latin1.GetString(made)).Change);
        }

        static string Line(string fields) => fields.Length == 0 ? "" : fields + "\r\n";
    }

    [Theory]
    [InlineData("Subject", "words")]
    [InlineData("X-Long", "words")]
    [InlineData("To", "words")]
    [InlineData("References", "words")]
    [InlineData("Subject", "one word")]
    [InlineData("Comments", "one word")]
    [InlineData("X-Long", "one word")]
    [InlineData("To", "addresses")]
    [InlineData("Resent-Cc", "addresses")]
    [InlineData("References", "identifiers")]
    [InlineData("Subject", "umlauts")]
    [InlineData("X-Long", "umlauts")]
    public void Long_header_lines_are_folded(string name, string kind)
    {
        var value = kind switch
        {
            "words" => LongText,
            "one word" => LongWord,
            "addresses" => string.Join(',', Enumerable.Range(0, 200).Select(static n => $"\"a, {n}\"<a{n}@example.org>")),
            "identifiers" => string.Concat(Enumerable.Range(0, 200).Select(static n => $"<{n}@example.org>")),
            _ => string.Concat(Enumerable.Repeat("\u00FC", 1_500)),
        };
        var text = $"From: a@b.test\r\n{name}: {value}\r\n\r\nbody\r\n";
        var (change, made) = Encode(text, Encoding.UTF8);
        Assert.Equal(SubmissionChange.Rewritten, change);
        AssertShort(made);
        Assert.EndsWith("\r\n\r\nbody\r\n", Encoding.UTF8.GetString(made), StringComparison.Ordinal);
        var message = MimeMessage.Load(new MemoryStream(made));
        Assert.Equal(2, message.Headers.Count);
        var read = message.Headers[name]!;
        Assert.Equal(value.Replace(" ", "", StringComparison.Ordinal), read.Replace(" ", "", StringComparison.Ordinal));
        if (kind == "words" || name is "Subject" or "Comments") Assert.Equal(value, read);
        if (kind == "addresses") Assert.Equal(200, InternetAddressList.Parse(read).Count);
    }

    [Fact]
    public void Blind_copies_are_removed_from_the_outer_header_only()
    {
        const string Text = "From: a@b.test\r\nbcc: c@d.test,\r\n e@f.test\r\nTo: g@h.test\r\nResent-Bcc : i@j.test\r\nX-Bcc: kept\r\nContent-Type: message/rfc822\r\n\r\nBcc: inner@x.test\r\n\r\nBcc: text\r\n";
        var (change, made) = Encode(Text);
        Assert.Equal(SubmissionChange.Rewritten, change);
        Assert.Equal("From: a@b.test\r\nTo: g@h.test\r\nX-Bcc: kept\r\nContent-Type: message/rfc822\r\n\r\nBcc: inner@x.test\r\n\r\nBcc: text\r\n", Encoding.ASCII.GetString(made));
    }

    [Theory]
    [InlineData("From: a@b.test\r\n\r\nx\r\n")]
    [InlineData("From: a@b.test\r\n")]
    public void A_correct_message_is_not_written(string text)
    {
        Assert.Equal(SubmissionChange.None, Encode(text).Change);
        Assert.Equal(SubmissionChange.None, Encode($"From: a@b.test\r\nX: {new string('x', Max - 3)}\r\n\r\n{new string('x', Max)}\r\n{new string('x', Max)}").Change);
        Assert.Equal(SubmissionChange.Rewritten, Encode($"From: a@b.test\r\n\r\n{new string('x', Max + 1)}\r\n").Change);
        Assert.Equal(SubmissionChange.Rewritten, Encode($"From: a@b.test\r\n\r\n{new string('x', Max + 1)}").Change);
    }

    [Fact]
    public void A_signed_part_is_kept_octet_for_octet_beside_a_part_that_is_encoded()
    {
        const string Signed = "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nX:  y \r\n\r\n text \r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--s--\r\n";
        var (change, made) = Encode($"{Outer}--outer\r\n{Signed}\r\n--outer\r\n\r\n{LongText}\r\n--outer--\r\n");
        Assert.Equal(SubmissionChange.Rewritten, change);
        Assert.Contains(Signed, Encoding.ASCII.GetString(made), StringComparison.Ordinal);
        AssertShort(made);
    }

    [Fact]
    public void Any_message_is_the_same_apart_from_the_removed_field() => RandomMessageTests.AnyMessage.Sample(text =>
    {
        if (text.StartsWith(' ')) return;
        var (change, made) = Encode("Bcc: x@y.test\r\n" + text);
        Assert.Equal(SubmissionChange.Rewritten, change);
        Assert.Equal(text, Encoding.Latin1.GetString(made));
    });

    [Fact]
    public void Random_octets_survive_quoted_printable_and_base64() => Gen.Select(Gen.OneOf(Gen.Byte, Gen.OneOfConst<byte>(32, 9, 61, 45, 46, 65)).Array[0, 400], Gen.Int[1, 50]).Sample((octets, piece) =>
    {
        foreach (var isText in (bool[])[true, false])
        {
            var body = isText ? [.. octets.Where(static o => o is not ((byte)'\r' or (byte)'\n'))] : octets;
            var output = new ArrayBufferWriter<byte>();
            var (quoted, base64) = (new QuotedPrintableWriter(output, isEncoded: false), new Base64Writer(output, isEncoded: false));
            foreach (var part in body.Chunk(piece))
            {
                if (isText) quoted.Write(part);
                else base64.Write(part);
            }

            quoted.End();
            base64.End();
            var lines = Encoding.ASCII.GetString(output.WrittenSpan).Split("\r\n");
            Assert.All(lines, static line => Assert.InRange(line.Length, 0, 76));
            MimeKit.Encodings.IMimeDecoder decoder = isText ? new MimeKit.Encodings.QuotedPrintableDecoder() : new MimeKit.Encodings.Base64Decoder();
            var decoded = new byte[decoder.EstimateOutputLength(output.WrittenCount)];
            var length = decoder.Decode(output.WrittenSpan.ToArray(), 0, output.WrittenCount, decoded);
            Assert.Equal(body, decoded[..length]);
        }
    });

    private const string Outer = "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n";

    private static (SubmissionChange Change, byte[] Made) Encode(string text, Encoding? encoding = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var change = SubmissionEncoder.Encode(new InMemoryContent((encoding ?? Encoding.Latin1).GetBytes(text)), Limits.Default, output);
        return (change, output.WrittenSpan.ToArray());
    }

    private static void AssertShort(byte[] message) =>
        Assert.All(Encoding.Latin1.GetString(message).Split("\r\n"), static line => Assert.InRange(line.Length, 0, Max));

    private static void AssertSameContent(string before, byte[] after)
    {
        var (left, right) = (Decoded(Encoding.Latin1.GetBytes(before)), Decoded(after));
        Assert.Equal(left, right);
    }

    private static List<string> Decoded(byte[] message)
    {
        var found = new List<string>();
        Collect(MimeMessage.Load(new MemoryStream(message)), found);
        return found;
    }

    private static void Collect(MimeMessage message, List<string> found)
    {
        foreach (var entity in message.Body is null ? [] : MimeEntities(message.Body))
        {
            if (entity is MessagePart { Message: { } inner }) Collect(inner, found);
            if (entity is not MimeKit.MimePart part) continue;
            using var decoded = new MemoryStream();
            part.Content?.DecodeTo(decoded);
            found.Add(Encoding.Latin1.GetString(decoded.ToArray()).TrimEnd('\r', '\n'));
        }
    }

    private static IEnumerable<MimeEntity> MimeEntities(MimeEntity entity) => entity is Multipart multipart ? multipart.SelectMany(MimeEntities) : [entity];
}
