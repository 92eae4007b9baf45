using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

public sealed class MessageSearchTests
{
    [Theory]
    [InlineData("Subject: Hello World", "hello w", true)]
    [InlineData("Subject: Hello\r\n World", "hello world", true)]
    [InlineData("Subject: =?iso-8859-1?Q?J=F6rg?= =?utf-8?B?IE3DvGxsZXI=?=", "JÖRG MÜLLER", true)]
    [InlineData("Subject: =?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "привет", true)]
    [InlineData("Subject: =?koi8-r?B?8NLJ18XU?=", "ПРИВЕТ", true)]
    [InlineData("Subject: =?gb2312?B?xOO6ww==?=", "你好", true)]
    [InlineData("Subject: =?nonsense?B?xOO6ww==?= hello", "HELLO", true)]
    [InlineData("Subject: plain", "ö", false)]
    [InlineData("Subject: plain", "utf-8", false)]
    [InlineData("To: a@b\r\nSubject: one\r\nsubject: two", "TWO", true)]
    [InlineData("To: hello", "hello", false)]
    [InlineData("Subject:", "", true)]
    [InlineData("To: a", "", false)]
    [InlineData("Subject:", "a", false)]
    public void Fields_are_decoded_and_searched_without_regard_to_case(string header, string text, bool expected) =>
        Assert.Equal(expected, MessageTexts.Format.HeaderContains(MessageTexts.Bytes(header + "\r\n\r\n"), "SUBJECT", text));

    [Fact]
    public void Raw_UTF_8_in_a_field_is_found() =>
        Assert.True(MessageTexts.Format.HeaderContains(Encoding.UTF8.GetBytes("Subject: größer\r\n"), "Subject", "GRÖSSER".Replace("SS", "ß", StringComparison.Ordinal)));

    [Theory]
    [InlineData("Subject: a\r\n\r\nSome Text", "some text", true)]
    [InlineData("Subject: needle\r\n\r\nSome Text", "needle", false)]
    [InlineData("Content-Type: image/png\r\n\r\nneedle", "needle", false)]
    [InlineData("Content-Type: text/html\r\n\r\n<b>Needle</b>", "<B>needle", true)]
    [InlineData("Content-Transfer-Encoding: base64\r\n\r\nTmVl\r\nZGxl", "needle", true)]
    [InlineData("Content-Transfer-Encoding: base64\r\n\r\nTmVlZGxl", "TmVl", false)]
    [InlineData("Content-Transfer-Encoding: quoted-printable\r\n\r\nne=\r\ned=6Ce", "needle", true)]
    [InlineData("Content-Type: text/plain; charset=iso-8859-15\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=A4 f=FCr", "€ FÜR", true)]
    [InlineData("Content-Type: text/plain; charset=windows-1251\r\n\r\n\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2", "привет", true)]
    [InlineData("Content-Type: text/plain; charset=utf-8\r\n\r\n\u00c3\u00a4", "Ä", true)]
    [InlineData("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\u001b$B$3$s\u001b(B", "こん", true)]
    [InlineData("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\u001b$B$3$s\u001b(B", "$3$s", false)]
    [InlineData("Content-Type: text/plain; charset=utf-7\r\n\r\nneedle", "needle", true)]
    [InlineData("Content-Type: text/plain; charset=nonsense\r\n\r\nneedle", "needle", true)]
    [InlineData("Content-Type: message/rfc822\r\n\r\nSubject: needle\r\n\r\nx", "needle", true)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\nneedle\r\n--b\r\n\r\nx\r\n--b--", "needle", false)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b\r\n\r\nNeedle\r\n--b--", "needle", true)]
    public void Bodies_are_decoded_for_the_search(string message, string text, bool expected)
    {
        var content = new InMemoryContent(MessageTexts.Bytes(message));
        Assert.Equal(expected, MessageTexts.Format.TextContains(content, text, includeHeader: false));
        Assert.Equal(expected, new MessageFormat(Limits.Default, windowSize: 5).TextContains(content, text, includeHeader: false));
    }

    /// <summary>Letters that folding shortens, marks in another order than the canonical one, and marks without a letter.</summary>
    private static readonly Gen<string[]> Letters = Gen.OneOfConst("a", "B", "z ", "\U0001D407", "\U0001D404", "e\u0301\u0316", "e\u0316\u0301", "é", "ß", "\U0001F600", "\u0316", "\u0301", "İ").Array[1, 40];

    [Fact]
    public void The_result_does_not_depend_on_where_the_text_is_divided() => Gen.Select(Letters, Gen.Int[0, 39], Gen.Int[1, 6], Gen.Int[1, 40]).Sample(
        static (letters, start, length, window) =>
        {
            var content = new InMemoryContent(Encoding.UTF8.GetBytes("Content-Type: text/plain; charset=utf-8\r\n\r\n" + string.Concat(letters)));
            var sought = string.Concat(letters.Skip(start % letters.Length).Take(length));
            var folded = MessageTexts.Format.FoldForSearch(sought);
            foreach (var text in new[] { sought, folded, folded[..^(folded.Length / 3)], folded[(folded.Length / 3)..] })
            {
                if (text.Length == 0 || char.IsLowSurrogate(text[0]) || char.IsHighSurrogate(text[^1])) continue;
                Assert.Equal(MessageTexts.Format.TextContains(content, text, includeHeader: false), new MessageFormat(Limits.Default, window).TextContains(content, text, includeHeader: false));
            }
        },
        iter: 20_000);

    /// <summary>A piece of the body may end anywhere inside an escape, a soft line break or a group of Base64.</summary>
    [Theory]
    [InlineData("quoted-printable", "=\r\n")]
    [InlineData("quoted-printable", "=D0=9F=D1=80=D0=B8=\r\n")]
    [InlineData("quoted-printable", "=FC")]
    [InlineData("quoted-printable", "=")]
    [InlineData("base64", "0J/R\r\n")]
    [InlineData("base64", "=")]
    public void Encoded_bodies_of_any_length_can_be_searched(string encoding, string unit)
    {
        for (var shift = 0; shift < 7; shift++)
        {
            var body = new string('A', shift) + string.Concat(Enumerable.Repeat(unit, 40_000 / unit.Length)) + "\r\n";
            var content = new InMemoryContent(MessageTexts.Bytes($"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"));
            foreach (var text in new[] { "nowhere", "нигде" }) Assert.False(MessageTexts.Format.TextContains(content, text, includeHeader: true));
        }
    }

    [Theory]
    [InlineData("Content-Disposition: attachment; filename=needle.pdf")]
    [InlineData("Content-Disposition: attachment;\r\n filename=\"my Needle.pdf\"")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''n%65edle.pdf")]
    [InlineData("Content-Disposition: attachment; filename*0*=utf-8''nee; filename*1=dle.pdf")]
    [InlineData("Content-Disposition: attachment; filename=\"=?utf-8?Q?n=65edle?=.pdf\"")]
    [InlineData("Content-Type: application/pdf; name*=utf-8''n%65edle.pdf")]
    [InlineData("Content-Type: application/pdf; name=needle.pdf")]
    [InlineData("Content-Description: my needle")]
    [InlineData("Content-ID: <needle@example.org>")]
    public void Header_fields_of_parts_belong_to_the_body(string fields)
    {
        foreach (var message in (string[])[
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n{fields}\r\n\r\nx\r\n--b--",
            $"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{fields}\r\n\r\nx\r\n--b--",
            $"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{fields}\r\n\r\nx\r\n--b--\r\n--a--"])
        {
            var content = new InMemoryContent(MessageTexts.Bytes(message));
            Assert.True(MessageTexts.Format.TextContains(content, "NEEDLE", includeHeader: false));
            Assert.True(MessageTexts.Format.TextContains(content, "NEEDLE", includeHeader: true));
        }

        var single = new InMemoryContent(MessageTexts.Bytes($"{fields}\r\n\r\nx\r\n"));
        Assert.False(MessageTexts.Format.TextContains(single, "needle", includeHeader: false));
        Assert.True(MessageTexts.Format.TextContains(single, "needle", includeHeader: true));
    }

    [Theory]
    [InlineData("<user (x)@ (y) domain>")]
    [InlineData("user@domain")]
    [InlineData("Name (a comment) <user@(c)domain>")]
    [InlineData("x@y, \"Name\" <user @ domain>")]
    [InlineData("Group: a@b, user\r\n @domain;")]
    [InlineData("<@relay.test:user@domain>")]
    [InlineData("\"user\"@domain")]
    [InlineData("us\\er@domain, user(\\))@domain")]
    public void An_address_is_found_in_any_spelling(string value)
    {
        foreach (var field in (string[])["From", "To", "Cc", "Bcc"])
        {
            var header = MessageTexts.Bytes($"{field}: {value}\r\n\r\n");
            Assert.True(MessageTexts.Format.HeaderContains(header, field, "USER@domain"), field);
            Assert.False(MessageTexts.Format.HeaderContains(header, field, "use@domain"), field);
        }
    }

    [Fact]
    public void TEXT_searches_the_header_too() =>
        Assert.True(MessageTexts.Format.TextContains(new InMemoryContent(MessageTexts.Bytes("X-Any: =?utf-8?Q?N=65edle?=\r\n\r\nx")), "any: needle", includeHeader: true));

    [Fact]
    public void A_match_across_two_buffers_is_found()
    {
        for (var before = 16_370; before < 16_400; before++)
        {
            var content = new InMemoryContent(Encoding.UTF8.GetBytes("\r\n" + new string('x', before) + "Nädel" + new string('y', 20_000)));
            Assert.True(MessageTexts.Format.TextContains(content, "nÄDEL", includeHeader: false));
            Assert.True(MessageTexts.Format.TextContains(content, "del", includeHeader: false));
            Assert.True(MessageTexts.Format.TextContains(content, "xNa\u0308delyyy", includeHeader: false));
        }
    }
}
