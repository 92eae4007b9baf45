using System.Text;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Running;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>date and index (RFC 5260), body (RFC 5173), editheader (RFC 5293), and MIME parts (RFC 5703).</summary>
public sealed class SieveMessageTests
{
    private const string Mixed = """
        From: a@example.org
        Subject: parts
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        before the parts
        --b
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Gr=FC=DFe plain
        --b
        Content-Type: text/html; charset=utf-8

        <html><head><title>T</title><style>x{}</style></head><body>vis<b>ible</b> &amp; more<!-- hidden --></body></html>
        --b
        Content-Type: application/octet-stream; name="evil.exe"
        Content-Disposition: attachment; filename*=utf-8''%C3%A9vil.exe
        Content-Transfer-Encoding: base64

        c2VjcmV0IHdvcmRz
        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Type: text/plain

        inner text
        --b--
        after the parts

        """;

    [Theory]
    [InlineData("date :originalzone \"date\" \"hour\" \"02\"", true)]
    [InlineData("date :zone \"+0000\" \"date\" \"hour\" \"09\"", true)]
    [InlineData("date \"date\" \"hour\" \"09\"", true)]
    [InlineData("date :zone \"-0500\" \"date\" \"iso8601\" \"2008-04-01T04:30:00-05:00\"", true)]
    [InlineData("date :originalzone \"date\" \"std11\" \"Tue, 01 Apr 2008 02:30:00 -0700\"", true)]
    [InlineData("date :originalzone \"date\" \"zone\" \"-0700\"", true)]
    [InlineData("date \"date\" \"weekday\" \"2\"", true)]
    [InlineData("date \"date\" \"julian\" \"54557\"", true)]
    [InlineData("date \"date\" [\"year\"] \"2008\"", false)]
    [InlineData("date \"date\" \"date\" \"2008-04-01\"", true)]
    [InlineData("date \"date\" \"time\" \"09:30:00\"", true)]
    [InlineData("date \"received\" \"minute\" \"10\"", true)]
    [InlineData("date :index 2 \"received\" \"minute\" \"05\"", true)]
    [InlineData("date :index 1 :last \"received\" \"minute\" \"05\"", true)]
    [InlineData("date :index 3 \"received\" \"minute\" \"05\"", false)]
    [InlineData("date :matches \"x-none\" \"year\" \"*\"", false)]
    [InlineData("date :matches \"subject\" \"year\" \"*\"", false)]
    [InlineData("date :count \"eq\" :comparator \"i;ascii-numeric\" \"date\" \"year\" \"1\"", true)]
    [InlineData("currentdate \"date\" \"2008-04-01\"", true)]
    [InlineData("currentdate :zone \"+1400\" \"date\" \"2008-04-02\"", true)]
    [InlineData("currentdate :value \"ge\" \"iso8601\" \"2008-04-01T11:59:59+00:00\"", true)]
    [InlineData("header :index 2 :contains \"received\" \"from b.\"", true)]
    [InlineData("header :index 2 :last :contains \"received\" \"from b.\"", false)]
    [InlineData("header :index 3 [\"received\", \"subject\"] \"make money fast\"", true)]
    [InlineData("address :index 2 [\"from\", \"to\"] \"carl@example.net\"", true)]
    public void Dates_and_positions(string test, bool holds)
    {
        const string Requires = "date index relational comparator-i;ascii-numeric";
        if (test.Contains("[\"year\"]", StringComparison.Ordinal)) Assert.Contains("expects a string here", Error($"{Require(Requires)} if {test} {{ stop; }}"), StringComparison.Ordinal);
        else Assert.Equal(holds, Holds(test, Requires));
    }

    [Theory]
    [InlineData("date :zone \"CET\" \"date\" \"hour\" \"1\"", "'CET' is not a time zone; write it as +hhmm or -hhmm")]
    [InlineData("date \"date\" \"hours\" \"1\"", "'hours' is not a part of a date; did you mean 'hour'?")]
    [InlineData("currentdate :originalzone \"hour\" \"1\"", "'currentdate' does not know the tag ':originalzone'")]
    [InlineData("header :last \"a\" \"b\"", "':last' needs ':index'")]
    [InlineData("header :index 0 \"a\" \"b\"", "':index' counts from 1")]
    public void Wrong_dates_and_positions_are_errors(string test, string error) =>
        Assert.EndsWith(error, Error($"{Require("date index")} if {test} {{ stop; }}"), StringComparison.Ordinal);

    [Fact]
    public void The_zone_of_the_account_is_the_default()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(2), "x", "x");
        var outcome = Compile(Require("date") + "if currentdate \"hour\" \"14\" { discard; }").Run(Read(Message), new ZonedFacts(zone), new SieveBudget(SieveLimits.Default), SieveLimits.Default);
        Assert.IsType<SieveDiscard>(outcome.Actions[0]);
    }

    [Theory]
    [InlineData("body :contains \"Grüße plain\"", true)]
    [InlineData("body :text :contains \"visible & more\"", true)]
    [InlineData("body :text :contains \"hidden\"", false)]
    [InlineData("body :text :contains \"x{}\"", false)]
    [InlineData("body :contains \"secret\"", false)]
    [InlineData("body :contains \"inner text\"", true)]
    [InlineData("body :raw :contains \"Gr=FC=DFe\"", true)]
    [InlineData("body :raw :contains \"Subject: parts\"", false)]
    [InlineData("body :content \"text\" :contains \"<b>\"", true)]
    [InlineData("body :content \"text/plain\" :contains \"<b>\"", false)]
    [InlineData("body :content \"application\" :contains \"secret words\"", true)]
    [InlineData("body :content [\"text/plain\", \"application/octet-stream\"] :contains \"secret words\"", true)]
    [InlineData("body :content \"\" :contains \"secret words\"", true)]
    [InlineData("body :content \"text/\" :contains \"plain\"", false)]
    [InlineData("body :content \"multipart\" :contains \"before the parts\"", true)]
    [InlineData("body :content \"multipart/mixed\" :contains \"after the parts\"", true)]
    [InlineData("body :content \"multipart\" :contains \"plain\"", false)]
    [InlineData("body :content \"message/rfc822\" :contains \"subject: inner\"", true)]
    [InlineData("body :content \"message/rfc822\" :contains \"inner text\"", false)]
    public void The_body_is_tested(string test, bool holds) => Assert.Equal(holds, Holds(test, "body", Mixed));

    [Theory]
    [InlineData("From: a", false)]
    [InlineData("From: a\n", false)]
    [InlineData("From: a\n\n", true)]
    [InlineData("\n", true)]
    public void Without_a_blank_line_there_is_no_body(string message, bool holds) // RFC 5173 §4
    {
        Assert.Equal(holds, Holds("body :raw :contains \"\"", "body", message));
        Assert.Equal(holds, Holds("body :text :is \"\"", "body", message));
    }

    [Theory]
    [InlineData("Content-Type: application/xhtml+xml\n\n<p>shown</p>", true)]
    [InlineData("Content-Type: text/plain/odd\n\nshown", false)]
    [InlineData("Content-Type: text/plain\nContent-Transfer-Encoding: multipart/x\n\nshown", false)]
    [InlineData("Content-Type: text/plain; x=a/b\n\nshown", true)]
    [InlineData("\nshown", true)]
    public void Text_is_what_can_be_read(string message, bool holds)
    {
        Assert.Equal(holds, Holds("body :text :contains \"shown\"", "body", message));
        Assert.Equal(holds ? "shown" : "", Value("foreverypart { extracttext \"v\"; if string :matches \"${v}\" \"*shown*\" { set \"v\" \"shown\"; } }", "foreverypart extracttext", message));
    }

    [Fact]
    public void The_header_of_an_inner_message_is_one_string() => // RFC 5173 §5.2
        Assert.True(Holds("body :content \"message/rfc822\" :is \"Subject: a\r\n b\r\nX: y\r\n\"", "body", "Content-Type: message/rfc822\n\nSubject: a\n b\nX: y\n\ntext\n"));

    [Theory]
    [InlineData("header :mime :anychild :type \"Content-Type\" \"application\"", true)]
    [InlineData("header :mime :type \"Content-Type\" \"application\"", false)]
    [InlineData("header :mime :type \"Content-Type\" \"multipart\"", true)]
    [InlineData("header :mime :anychild :subtype \"Content-Type\" \"html\"", true)]
    [InlineData("header :mime :anychild :contenttype \"content-type\" \"text/HTML\"", true)]
    [InlineData("header :mime :anychild :param \"filename\" \"Content-Disposition\" \"évil.exe\"", true)]
    [InlineData("header :mime :anychild :param [\"x\", \"name\"] :matches \"Content-Type\" \"*.exe\"", true)]
    [InlineData("header :mime :anychild :type \"Content-Disposition\" \"attachment\"", true)]
    [InlineData("header :mime :anychild \"Subject\" \"inner\"", true)]
    [InlineData("header \"Subject\" \"inner\"", false)]
    [InlineData("exists :mime :anychild \"Content-Disposition\"", true)]
    [InlineData("exists :mime \"Content-Disposition\"", false)]
    [InlineData("address :mime :anychild \"from\" \"a@example.org\"", true)]
    public void Headers_of_parts_are_tested(string test, bool holds) => Assert.Equal(holds, Holds(test, "mime", Mixed));

    [Fact]
    public void Every_part_is_visited_in_order()
    {
        const string Requires = "mime foreverypart extracttext";
        Assert.Equal("multipart/mixed text/plain text/html application/octet-stream message/rfc822 text/plain ",
            Value("foreverypart { if header :mime :contenttype :matches \"Content-Type\" \"*\" { set \"v\" \"${v}${1} \"; } }", Requires, Mixed));
        Assert.Equal("Grüße plain", Value("foreverypart { if header :mime :subtype \"Content-Type\" \"plain\" { extracttext \"v\"; break; } }", Requires, Mixed));
        Assert.Equal("grü", Value("foreverypart { if header :mime :subtype \"Content-Type\" \"plain\" { extracttext :lower :first 3 \"v\"; break; } }", Requires, Mixed));
        Assert.Equal("", Value("foreverypart { if header :mime :type \"Content-Type\" \"application\" { extracttext \"v\"; break; } }", Requires, Mixed));
        // An inner loop visits the parts inside the current one; a break can end the outer loop.
        Assert.Equal("1", Value("foreverypart :name \"o\" { foreverypart { foreverypart { set \"v\" \"${v}1\"; break :name \"o\"; } } }", Requires, Mixed));
        Assert.Equal("+", Value("foreverypart { set \"v\" \"${v}+\"; }", Requires, Message));
        Assert.Equal("discard", Do(Require("foreverypart mime") + "foreverypart { if header :mime :param \"filename\" :matches \"Content-Disposition\" \"*.exe\" { discard; stop; } } keep;", Mixed));
    }

    [Theory]
    [InlineData("break;", "'break' stands outside of 'foreverypart'")]
    [InlineData("foreverypart :name \"a\" { break :name \"b\"; }", "no 'foreverypart' around 'break' has the name 'b'")]
    [InlineData("extracttext \"a\";", "'extracttext' stands outside of 'foreverypart'")]
    [InlineData("if header :anychild \"a\" \"b\" { stop; }", "':anychild' needs ':mime'")]
    [InlineData("if header :type \"a\" \"b\" { stop; }", "':type' needs ':mime'")]
    public void Parts_have_rules(string script, string error) => Assert.EndsWith(error, Error(Require("mime foreverypart extracttext variables") + script), StringComparison.Ordinal);

    [Theory]
    [InlineData("addheader \"X-A\" \"1\";", "X-A: 1|From: a|Subject: s|X-B: 1|X-B: 2|X-B: 3")]
    [InlineData("addheader :last \"X-A\" \"1\";", "From: a|Subject: s|X-B: 1|X-B: 2|X-B: 3|X-A: 1")]
    [InlineData("deleteheader \"x-b\";", "From: a|Subject: s")]
    [InlineData("deleteheader :index 1 \"x-b\";", "From: a|Subject: s|X-B: 2|X-B: 3")]
    [InlineData("deleteheader :index 1 :last \"x-b\";", "From: a|Subject: s|X-B: 1|X-B: 2")]
    [InlineData("deleteheader \"x-b\" [\"1\", \"3\"];", "From: a|Subject: s|X-B: 2")]
    [InlineData("deleteheader :index 2 :contains \"x-b\" \"1\";", null)]
    [InlineData("deleteheader \"x-none\";", null)]
    [InlineData("deleteheader \"subject\"; addheader \"Subject\" \"ä\";", "Subject: =?utf-8?B?w6Q=?=|From: a|X-B: 1|X-B: 2|X-B: 3")]
    [InlineData("addheader \"Received\" \"x\"; addheader \"ARC-Seal\" \"x\"; deleteheader \"Auto-Submitted\";", null)]
    public void Header_fields_are_added_and_deleted(string script, string? header)
    {
        var outcome = Run("require \"editheader\"; " + script, "From: a\nSubject: s\nX-B: 1\nX-B: 2\nX-B: 3\n\n");
        Assert.Null(outcome.Error);
        var fields = Assert.Single(outcome.Actions).Header;
        Assert.Equal(header, fields is null ? null : string.Join('|', fields.Select(f => Encoding.UTF8.GetString(f.Octets.Span).TrimEnd())));
    }

    [Fact]
    public void Changes_are_seen_by_later_tests_and_actions_alone()
    {
        var outcome = Run("""
            require ["editheader", "fileinto"];
            fileinto "Before";
            addheader "X-Tag" "new";
            if header "x-tag" "new" { fileinto "After"; }
            deleteheader "x-tag";
            if not exists "x-tag" { keep; }
            """);
        Assert.Equal(["", "new", ""], outcome.Actions.Select(a => a.Header?.FirstOrDefault(f => f.Name == "X-Tag") is { } f ? Encoding.ASCII.GetString(f.Octets.Span)[7..].Trim() : ""));
        Assert.Equal(3, outcome.Actions.Count);
    }

    [Fact]
    public void Names_and_values_of_added_fields_are_checked()
    {
        Assert.EndsWith("'X A' is not the name of a header field", Error("require \"editheader\"; addheader \"X A\" \"1\";"), StringComparison.Ordinal);
        Assert.EndsWith("':last' needs ':index'", Error("require \"editheader\"; deleteheader :last \"X\";"), StringComparison.Ordinal);
        var field = Run("require \"editheader\"; addheader \"X\" \"a\r\nBcc: evil\";").Actions[0].Header![0];
        Assert.Equal("X: a Bcc: evil\r\n", Encoding.ASCII.GetString(field.Octets.Span));
        Assert.StartsWith("error: the value of 'X' is longer", Do($"require \"editheader\"; addheader \"X\" \"{new string('x', 10_000)}\";"), StringComparison.Ordinal);
        var lines = Encoding.ASCII.GetString(Run($"require \"editheader\"; addheader \"X\" \"{string.Concat(Enumerable.Repeat("äöü word ", 300))}\";").Actions[0].Header![0].Octets.Span).Split("\r\n");
        Assert.All(lines, l => Assert.InRange(l.Length, 0, 998));
        // A message without a blank line.
        Assert.Equal("keep*", Do("require \"editheader\"; deleteheader \"x\"; addheader \"Y\" \"1\";", "X: 1"));
    }

    private sealed class ZonedFacts(TimeZoneInfo zone) : SieveFacts
    {
        public override SieveEnvelope Envelope => new("", "ben@example.org");

        public override DateTimeOffset Now => new(2008, 4, 1, 12, 0, 0, TimeSpan.Zero);

        public override TimeZoneInfo Zone => zone;
    }
}
