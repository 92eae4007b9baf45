using System.Diagnostics;
using System.Text;

namespace MailServer.Protocol.Tests.Messages;

public sealed class EnvelopeTests
{
    [Fact]
    public void The_envelope_matches_the_example_of_RFC_3501_section_8()
    {
        const string Header =
            "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n"
            + "Subject: IMAP4rev1 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
            + "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
            + "Message-Id: <B27397-0100000@cac.washington.edu>\r\nMIME-Version: 1.0\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n";
        const string Gray = """(("Terry Gray" NIL "gray" "cac.washington.edu"))""";
        Assert.Equal(
            $"""("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" {Gray} {Gray} {Gray} """
            + """((NIL NIL "imap" "cac.washington.edu")) """
            + """((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")""",
            MessageTexts.Envelope(Header));
    }

    [Fact]
    public void A_message_without_a_header_has_an_envelope_of_NIL_values() =>
        Assert.Equal("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", MessageTexts.Envelope(""));

    [Theory]
    [InlineData("joe@example.com", """(NIL NIL "joe" "example.com")""")]
    [InlineData("Joe Q. Public <john.q.public@example.com>", """("Joe Q. Public" NIL "john.q.public" "example.com")""")]
    [InlineData("\"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", """("Giant; \"Big\" Box" NIL "sysservices" "example.net")""")]
    [InlineData("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>", """("Mary Smith" NIL "mary" "x.test")(NIL NIL "jdoe" "example.org")("Who?" NIL "one" "y.test")""")]
    [InlineData("A Group:Ed Jones <c@a.test>,joe@where.test;", """(NIL NIL "A Group" NIL)("Ed Jones" NIL "c" "a.test")(NIL NIL "joe" "where.test")(NIL NIL NIL NIL)""")]
    [InlineData("Undisclosed recipients:;", """(NIL NIL "Undisclosed recipients" NIL)(NIL NIL NIL NIL)""")]
    [InlineData("open: a@b", """(NIL NIL "open" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)""")]
    // RFC 5322 appendix A.5 and A.6
    [InlineData("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", """("Pete" NIL "pete" "silly.test")""")]
    [InlineData("A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>", """(NIL NIL "A Group" NIL)("Chris Jones" NIL "c" "public.example")(NIL NIL NIL NIL)""")]
    [InlineData("Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example", """("Mary Smith" "@node.test" "mary" "example.net")(NIL NIL "jdoe" "test.example")""")]
    [InlineData("<@a.test,@b.test:c@d.test>", """(NIL "@a.test,@b.test" "c" "d.test")""")]
    [InlineData("joe . smith @ example.com", """(NIL NIL "joe.smith" "example.com")""")]
    [InlineData("\"joe . smith\"@example.com", """(NIL NIL "joe . smith" "example.com")""")]
    [InlineData("joe@[192.168. 1.1]", """(NIL NIL "joe" "[192.168. 1.1]")""")]
    [InlineData("joe@example.com (Joe (the) Smith)", """("Joe (the) Smith" NIL "joe" "example.com")""")]
    [InlineData("(first) joe@example.com", """(NIL NIL "joe" "example.com")""")]
    [InlineData("root", """(NIL NIL "root" "")""")]
    [InlineData("<>", """(NIL NIL "" "")""")]
    [InlineData("Joe <joe@example.com", """("Joe" NIL "joe" "example.com")""")]
    [InlineData("a@b <c@d>", """("a@b" NIL "c" "d")""")]
    [InlineData("=?utf-8?Q?J=C3=B6rg?= <j@x.test>", """("=?utf-8?Q?J=C3=B6rg?=" NIL "j" "x.test")""")]
    [InlineData("\"a\r\n b\" <c@d>", """("a b" NIL "c" "d")""")]
    [InlineData("a\0b@c", """(NIL NIL "a b" "c")""")]
    [InlineData("J\u00c3\u00b6rg M <j@x.test>", """("=?utf-8?B?SsO2cmc=?= M" NIL "j" "x.test")""")]
    [InlineData("J\u00f6rg <j@x.test>", """("=?utf-8?B?SsO2cmc=?=" NIL "j" "x.test")""")]
    public void Addresses_are_split_into_their_parts(string to, string expected)
    {
        var envelope = MessageTexts.Envelope("To: " + to + "\r\n");
        Assert.Equal($"(NIL NIL NIL NIL NIL ({expected}) NIL NIL NIL NIL)", envelope);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ,;, ")]
    [InlineData("(only a comment)")]
    public void A_list_without_addresses_is_NIL(string to) =>
        Assert.Equal("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", MessageTexts.Envelope($"To:{to}\r\n"));

    [Fact]
    public void Sender_and_Reply_To_default_to_From_even_when_empty() =>
        Assert.Equal(
            """(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) NIL NIL NIL NIL NIL)""",
            MessageTexts.Envelope("From: a@b\r\nSender:\r\nReply-To: c@d\r\n"));

    [Theory]
    [InlineData("Subject:", "\"\"")]
    [InlineData("Subject: a\r\n  b", "\"a  b\"")]
    [InlineData("Subject: a \"b\" \\ (c", "\"a \\\"b\\\" \\\\ (c\"")]
    [InlineData("Subject: a\rb\0c", "\"abc\"")]
    [InlineData("Subject: =?iso-8859-1?Q?a?=\r\n =?iso-8859-1?Q?b?=", "\"=?iso-8859-1?Q?a?= =?iso-8859-1?Q?b?=\"")]
    [InlineData("Subject: see \u00c3\u00a4 \u00c3\u00b6 ok", "\"see =?utf-8?B?w6Qgw7Y=?= ok\"")]
    [InlineData("SUBJECT : one\r\nSubject: two", "\"one\"")]
    public void Texts_are_unfolded_and_7_bit(string field, string expected) =>
        Assert.Equal($"(NIL {expected} NIL NIL NIL NIL NIL NIL NIL NIL)", MessageTexts.Envelope(field + "\r\n"));

    [Fact]
    public void Long_raw_text_becomes_encoded_words_of_whole_characters_of_at_most_75_octets()
    {
        var subject = string.Concat(Enumerable.Repeat("\u20ac\U0001F600\u00e4", 60));
        var envelope = MessageTexts.Text(MessageTexts.Summarize(Encoding.UTF8.GetBytes("Subject: " + subject + "\r\n\r\n")).Envelope);
        var words = envelope.Split('"')[1];
        Assert.All(words.Split(' '), word => Assert.True(word.Length <= 75 && word.StartsWith("=?utf-8?B?", StringComparison.Ordinal)));
        Assert.Equal(subject, MimeKit.Utils.Rfc2047.DecodeText(Encoding.ASCII.GetBytes(words)));
        Assert.All(words.Split(' '), word => Assert.DoesNotContain('\uFFFD', MimeKit.Utils.Rfc2047.DecodeText(Encoding.ASCII.GetBytes(word))));
    }

    [Theory]
    [InlineData("(", 200_000)]
    [InlineData("a:", 100_000)]
    [InlineData("<", 200_000)]
    [InlineData("\"\\", 100_000)]
    [InlineData("a@", 100_000)]
    [InlineData(",;", 100_000)]
    [InlineData("<@,", 80_000)]
    [InlineData("a@[,", 60_000)]
    [InlineData("a . b,", 40_000)]
    [InlineData("\u00e4 b ", 60_000)]
    public void Unlimited_nesting_is_parsed_in_linear_time_and_flattened(string piece, int count)
    {
        var watch = Stopwatch.StartNew();
        var summary = MessageTexts.Summarize("To: " + string.Concat(Enumerable.Repeat(piece, count)) + "\r\n\r\n");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
        MessageTexts.AssertWellFormed(summary.Envelope);
    }

    [Theory]
    [InlineData("Date: Fri, 21 Nov 1997 23:55:06 -0600", "1997-11-21")]
    [InlineData("Date: 1 Jan 2026 00:30 +1400", "2026-01-01")]
    [InlineData("Date: Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)", "1969-02-13")]
    [InlineData("Date: 21 Nov 97 09:55:06 GMT", "1997-11-21")]
    [InlineData("Date: Fri, 31 Feb 2025 10:00:00 +0000", null)]
    [InlineData("Date: yesterday", null)]
    [InlineData("Date:", null)]
    [InlineData("Subject: no date", null)]
    public void The_sent_date_is_that_of_the_Date_field_in_its_own_zone(string field, string? expected) =>
        Assert.Equal(expected is null ? null : DateOnly.Parse(expected, null), MessageTexts.Summarize(field + "\r\n\r\n").SentDate);

    [Fact]
    public void Cached_fields_are_kept_raw_and_in_order()
    {
        var summary = MessageTexts.Summarize("Received: x\r\nFrom: a\r\n b\r\nX-Foo: 1\r\nfrom: c\r\nList-Id : l\r\n\r\nTo: body\r\n");
        Assert.Equal("From: a\r\n b\r\nfrom: c\r\nList-Id : l\r\n", MessageTexts.Text(summary.Headers));
    }
}
