using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

public sealed class MimeStructureTests
{
    private const string Tail = " NIL NIL NIL NIL)";

    [Theory]
    [InlineData("Subject: x", """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: TEXT/HTML; CharSet=\"utf-8\"", """("TEXT" "HTML" ("CharSet" "utf-8") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: text/plain; charset=us-ascii (Plain text)", """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: text/plain ; ; format = flowed; bare; x=", """("text" "plain" ("format" "flowed" "x" "") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: image/png; name=my file.png\r\nContent-Transfer-Encoding: BASE64\r\nContent-ID: <i@x>\r\nContent-Description: a \"b\"", """("image" "png" ("name" "my file.png") "<i@x>" "a \"b\"" "BASE64" 7""" + Tail)]
    [InlineData("Content-Type: text", """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: ; name=x", """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: multipart/mixed", """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1""" + Tail)]
    [InlineData("Content-Type: multipart/mixed; boundary=b", """(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1""" + Tail + """ "mixed" ("boundary" "b") NIL NIL NIL)""")]
    [InlineData("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", """("application" "octet-stream" NIL NIL NIL "base64" 7""" + Tail)]
    [InlineData("Content-Type: message/delivery-status", """("message" "delivery-status" NIL NIL NIL "7bit" 7""" + Tail)]
    [InlineData(
        "Content-Type: application/pdf\r\nContent-MD5: Q2hlY2s=\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Language: en, de\r\nContent-Location: http://x/",
        """("application" "pdf" NIL NIL NIL "7bit" 7 "Q2hlY2s=" ("attachment" ("filename" "a.pdf")) ("en" "de") "http://x/")""")]
    public void A_single_part_is_described(string fields, string expected) => Assert.Equal(expected, MessageTexts.StructureOf(fields));

    [Theory]
    // RFC 2231 §3, §4, §4.1
    [InlineData("URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/\"", "\"URL\" \"ftp://cs.utk.edu/pub/moore/bulk-mailer/\"")]
    [InlineData("title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "\"title*\" \"us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A\"")]
    [InlineData("title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"", "\"title*\" \"us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it%21\"")]
    [InlineData("n*1=b; n*0=a; m=1; n*2=c", "\"n\" \"abc\" \"m\" \"1\"")]
    [InlineData("n*0=a; n*2=c", "\"n\" \"a\"")]
    [InlineData("n*1=b", "\"n*1\" \"b\"")]
    [InlineData("n*0=a; n*0=b; n*0=c; n*1=d", "\"n\" \"ad\"")]
    [InlineData("n*x=b; n*=; n*00000=z", "\"n*x\" \"b\" \"n*\" \"\" \"n*00000\" \"z\"")]
    [InlineData("name=\"r\u00c3\u00a9sum\u00c3\u00a9.pdf\"", "\"name*\" \"utf-8''r%C3%A9sum%C3%A9.pdf\"")]
    [InlineData("name=\"r\u00e9sum\u00e9.pdf\"", "\"name*\" \"utf-8''r%C3%A9sum%C3%A9.pdf\"")]
    [InlineData("name=\"=?utf-8?Q?a?=\"", "\"name\" \"=?utf-8?Q?a?=\"")]
    [InlineData("name=\"a\\\"b\r\n c\"", "\"name\" \"a\\\"b c\"")]
    public void Parameter_continuations_are_joined_and_7_bit(string parameters, string expected) =>
        Assert.Equal($"""("a" "b" ({expected}) NIL NIL "7bit" 7{Tail}""", MessageTexts.StructureOf("Content-Type: a/b; " + parameters));

    [Fact]
    public void Parameters_beyond_the_limit_are_dropped()
    {
        var fields = "Content-Type: a/b" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"; n*{i % 10_000}*=%41"));
        var structure = MessageTexts.StructureOf(fields);
        Assert.True(structure.Length < 1_000);
        MessageTexts.AssertWellFormed(Encoding.ASCII.GetBytes(structure));
    }

    [Fact]
    public void The_structure_matches_the_multipart_example_of_RFC_2046_section_5_1_1()
    {
        const string Message =
            "From: Nathaniel Borenstein <nsb@bellcore.com>\r\nSubject: Sample message\r\nMIME-Version: 1.0\r\n"
            + "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\n"
            + "This is the preamble.\r\n\r\n--simple boundary\r\n\r\nImplicitly typed.\r\nNo line end here.\r\n--simple boundary\r\n"
            + "Content-type: text/plain; charset=us-ascii\r\n\r\nExplicitly typed.\r\nLine end here.\r\n\r\n--simple boundary--\r\n\r\nThis is the epilogue.\r\n";
        var summary = MessageTexts.Summarize(Message);
        Assert.Equal(
            """(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 36 1 NIL NIL NIL NIL)("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 35 2 NIL NIL NIL NIL) "mixed" ("boundary" "simple boundary") NIL NIL NIL)""",
            MessageTexts.Text(summary.BodyStructure));
        Assert.Equal("Implicitly typed.\r\nNo line end here.", MessageTexts.Section(summary, Message, "1", SectionText.None));
        Assert.Equal("\r\n", MessageTexts.Section(summary, Message, "1", SectionText.Mime));
        Assert.Equal("Explicitly typed.\r\nLine end here.\r\n", MessageTexts.Section(summary, Message, "2", SectionText.None));
        Assert.Equal("Content-type: text/plain; charset=us-ascii\r\n\r\n", MessageTexts.Section(summary, Message, "2", SectionText.Mime));
        Assert.Null(MessageTexts.Section(summary, Message, "3", SectionText.None));
    }

    [Fact]
    public void An_embedded_message_has_envelope_structure_and_line_count()
    {
        const string Inner = "Subject: in\r\n\r\none\r\ntwo\r\n";
        const string Message = "Content-Type: message/rfc822\r\n\r\n" + Inner;
        var summary = MessageTexts.Summarize(Message);
        Assert.Equal(
            """("message" "rfc822" NIL NIL NIL "7bit" 25 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)""",
            MessageTexts.Text(summary.BodyStructure));
        Assert.Equal(Inner, MessageTexts.Section(summary, Message, "1", SectionText.None));
        Assert.Equal("Subject: in\r\n\r\n", MessageTexts.Section(summary, Message, "1", SectionText.Header));
        Assert.Equal("one\r\ntwo\r\n", MessageTexts.Section(summary, Message, "1", SectionText.Text));
        Assert.Equal("one\r\ntwo\r\n", MessageTexts.Section(summary, Message, "1.1", SectionText.None));
    }

    [Fact]
    public void Parts_of_a_digest_are_messages()
    {
        const string Message = "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: a\r\n\r\nbody\r\n--d\r\nContent-Type: text/plain\r\n\r\nx\r\n--d--\r\n";
        var summary = MessageTexts.Summarize(Message);
        Assert.Equal("Subject: a\r\n\r\n", MessageTexts.Section(summary, Message, "1", SectionText.Header));
        Assert.Null(MessageTexts.Section(summary, Message, "2", SectionText.Header));
        Assert.Equal("x", MessageTexts.Section(summary, Message, "2", SectionText.None));
    }

    [Theory]
    // the body of a multipart with boundary "a"; the parts it has
    [InlineData("--a\r\n\r\n1\r\n--a--", "1")]
    [InlineData("--a\r\n\r\n1\r\n--a\r\n\r\n2", "1|2")]
    [InlineData("--a\r\n\r\n1", "1")]
    [InlineData("--a\r\n\r\n--a\r\n\r\n\r\n--a--\r\n", "|")]
    [InlineData("--a  \t\r\n\r\n1\r\n--a-- \r\n--a\r\n\r\nepilogue", "1")]
    [InlineData("--a\n\n1\n--a\n\n2\n\n--a--\n", "1|2\n")]
    [InlineData("--a\r\n\r\n1\r\n--ab\r\n--a-\r\n--a---\r\n -\r\n--A\r\n--a--", "1\r\n--ab\r\n--a-\r\n--a---\r\n -\r\n--A")]
    [InlineData("--a\r\n--a\r\nX: 1\r\n--a\r\nX: 2\r\n\r\n--a--", "||")]
    [InlineData("x--a\r\n--a\r\n\r\n1--a\r\n--a--", "1--a")]
    [InlineData("--a", "")]
    [InlineData("--a\r\n", "")]
    [InlineData("--a--\r\nno parts", "--a--\r\nno parts")]
    [InlineData("no delimiter", "no delimiter")]
    public void Delimiters_separate_the_parts_of_a_multipart(string body, string parts)
    {
        var message = "Content-Type: multipart/mixed; boundary=a\r\n\r\n" + body;
        var summary = MessageTexts.Summarize(message);
        var found = new List<string>();
        while (MessageTexts.Section(summary, message, $"{found.Count + 1}", SectionText.None) is { } part) found.Add(part);
        Assert.Equal(parts, string.Join('|', found));
    }

    [Fact]
    public void Nested_boundaries_may_share_a_prefix_and_an_outer_delimiter_ends_the_inner_part()
    {
        const string Message =
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\n1.1\r\n--bb\r\n\r\n1.2\r\n--b\r\n\r\n2\r\n--b--\r\n";
        var summary = MessageTexts.Summarize(Message);
        Assert.Equal("1.1", MessageTexts.Section(summary, Message, "1.1", SectionText.None));
        Assert.Equal("1.2", MessageTexts.Section(summary, Message, "1.2", SectionText.None));
        Assert.Equal("2", MessageTexts.Section(summary, Message, "2", SectionText.None));
        Assert.Equal("--bb\r\n\r\n1.1\r\n--bb\r\n\r\n1.2", MessageTexts.Section(summary, Message, "1", SectionText.None));
    }

    [Fact]
    public void Depth_number_of_parts_and_description_are_limited()
    {
        var deep = new StringBuilder();
        for (var i = 0; i < 5_000; i++) deep.Append(null, $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        var flat = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 5_000)) + "--b--";
        var messages = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 5_000));
        var large = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + string.Concat(Enumerable.Repeat($"--b\r\nContent-Description: {new string('x', 100_000)}\r\n\r\nx\r\n", 50)) + "--b--";
        foreach (var message in new[] { deep.ToString(), flat, messages, large })
        {
            var summary = MessageTexts.Summarize(message);
            MessageTexts.AssertWellFormed(summary.BodyStructure);
            Assert.True(summary.BodyStructure.Length < Limits.Default.MaxMimeDescription * 2);
            Assert.True(summary.Parts.Length < Limits.Default.MaxMimeParts * 20);
        }
    }

    [Fact]
    public void A_header_beyond_the_limit_is_truncated_for_parsing_but_its_end_is_found()
    {
        var message = "Subject: s\r\nX: " + new string('x', 1_000_000) + "\r\nTo: a@b\r\n\r\nbody";
        var summary = MessageTexts.Summarize(message);
        Assert.Equal("body", MessageTexts.Section(summary, message, "", SectionText.Text));
        Assert.Contains("\"s\" NIL NIL NIL NIL", MessageTexts.Text(summary.Envelope), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_cannot_be_read_completely_has_a_summary()
    {
        var summary = MessageTexts.Format.Summarize(new ShortContent());
        Assert.Contains("\"a\"", MessageTexts.Text(summary.Envelope), StringComparison.Ordinal);
    }

    private sealed class ShortContent : MessageContent
    {
        private readonly byte[] _bytes = "Subject: a\r\n\r\nbody"u8.ToArray();

        public override long Length => 1_000_000;

        public override int Read(long offset, Span<byte> destination)
        {
            if (offset >= _bytes.Length) return 0;
            var rest = _bytes.AsSpan((int)offset);
            rest[..Math.Min(rest.Length, destination.Length)].CopyTo(destination);
            return Math.Min(rest.Length, destination.Length);
        }
    }
}
