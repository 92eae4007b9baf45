using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

public class OrderValueTests
{
    private const OrderFields All = (OrderFields)255;

    private static readonly MessageFormat Format = new(Limits.Default);

    [Theory]
    [InlineData("hello", "hello", false)]
    [InlineData("Re: hello", "hello", true)]
    [InlineData("re: RE: Fw: fwd: hello", "hello", true)]
    [InlineData("re [4] : hello", "hello", true)]
    [InlineData("re[4]: hello", "hello", true)]
    [InlineData("[list] Re: hello", "hello", true)]
    [InlineData("[list] [more] hello", "hello", false)]
    [InlineData("[list]", "[list]", false)]
    [InlineData("[a] [b]", "[b]", false)]
    [InlineData("Re: [list]", "[list]", true)]
    [InlineData("hello (fwd)", "hello", true)]
    [InlineData("hello (fwd) (FWD)  ", "hello", true)]
    [InlineData("[Fwd: hello]", "hello", true)]
    [InlineData("[fwd: Re: [list] hello (fwd)]", "hello", true)]
    [InlineData("[Fwd: [Fwd: hello]]", "hello", true)]
    [InlineData("[fwd:]", "", true)]
    [InlineData("hello\t\t world\r\n  again", "hello world again", false)]
    [InlineData("Re:", "", true)]
    [InlineData("reply", "reply", false)]
    [InlineData("refuse: no", "refuse: no", false)]
    [InlineData("forward: hello", "forward: hello", false)]
    [InlineData("Aw: hallo", "Aw: hallo", false)]
    [InlineData("[unclosed hello", "[unclosed hello", false)]
    [InlineData("[a[b]c] hello", "[a[b]c] hello", false)]
    [InlineData("   ", "", false)]
    [InlineData("", "", false)]
    public void The_base_subject_has_no_marks_of_replies(string subject, string expected, bool isReply) => Assert.Equal((expected, isReply), BaseSubject.Of(subject));

    [Fact]
    public void A_base_subject_is_its_own_base_subject() =>
        Gen.OneOfConst("re", "fwd", "fw", ":", " ", "[", "]", "(fwd)", "[fwd:", "x", "\t").Array[0, 20].Select(string.Concat).Sample(subject =>
        {
            var (once, _) = BaseSubject.Of(subject);
            Assert.Equal(once, BaseSubject.Of(once).Subject);
        }, iter: 10_000);

    [Theory]
    [InlineData("straße", "STRASSE", false)]
    [InlineData("Éclair", "e\u0301CLAIR", true)]
    [InlineData("ǅ", "ǆ", true)]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφος", true)]
    [InlineData("ё", "Ё", true)]
    [InlineData("plain", "PLAIN", true)]
    public void Texts_are_equal_by_their_casemap(string left, string right, bool equal) => Assert.Equal(equal, UnicodeCasemap.Fold(left) == UnicodeCasemap.Fold(right));

    [Fact]
    public void Noncharacters_do_not_fail() => Assert.Equal("\uFFFDX\uFFFD", Read("Subject: =?utf-8?B?" + Convert.ToBase64String(Encoding.UTF8.GetBytes("\uFFFFx\uFFFE")) + "?=").Subject);

    [Fact]
    public void A_surrogate_without_a_partner_is_replaced() => Assert.Equal("\uFFFDX", UnicodeCasemap.Fold("\uD800x"));

    [Fact]
    public void Values_are_read_from_the_header()
    {
        var values = Read(
            "Subject: Re: =?utf-8?Q?=C3=A9clair?=", "Date: Mon, 5 Jan 2026 10:00:00 +0200", "From: \"Zoe A.\" <bob@example.net>, x@y", "To: c@d (Comment)", "Cc: team: a@b, c@d;",
            "Message-ID: <\"a b\"@example.net>", "References: <1@x> nonsense <no-at> <2@x>\r\n <\"3\"@x> <unclosed@x", "In-Reply-To: <9@x>");
        Assert.Equal(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.FromHours(2)), values.SentTime);
        Assert.Equal(("E\u0301CLAIR", true), (values.Subject, values.IsReply));
        Assert.Equal(("BOB", "ZOE A."), (values.From, values.DisplayFrom));
        Assert.Equal(("C", "COMMENT"), (values.To, values.DisplayTo));
        Assert.Equal("TEAM", values.Cc);
        Assert.Equal("a b@example.net", values.MessageId);
        Assert.Equal(["1@x", "2@x", "3@x"], values.References);
    }

    [Fact]
    public void Without_references_the_first_id_of_In_Reply_To_counts() =>
        Assert.Equal(["9@x"], Read("References: none", "In-Reply-To: your mail <9@x> of yesterday <bob@example.net>").References);

    [Fact]
    public void Of_many_references_the_first_and_the_last_ones_count()
    {
        var references = Read("References: " + string.Join(' ', Enumerable.Range(0, 1_000).Select(i => $"<{i}@x>"))).References;
        Assert.Equal(50, references.Count);
        Assert.Equal(("0@x", "951@x", "999@x"), (references[0], references[1], references[^1]));
    }

    [Theory]
    [InlineData("Date: Mon, 5 Jan 2026 10:00:00 -0800", "2026-01-05T18:00:00Z")]
    [InlineData("Date: 5 Jan 2026 10:00 GMT", "2026-01-05T10:00:00Z")]
    [InlineData("Date: yesterday", null)]
    [InlineData("X: y", null)]
    public void The_sent_time_is_that_of_the_field(string header, string? expected) =>
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Read(header).SentTime?.ToUniversalTime());

    [Fact]
    public void Random_octets_never_throw() => Gen.OneOf(
        Gen.Byte.Array[0, 300],
        Gen.OneOfConst("Subject:", "From:", "References:", "Message-ID:", "Date:", " ", "\r\n", "<", ">", "@", "\"", "\\", "=?utf-8?Q?", "?=", "[", "]", "re:", ";", ",", "\0", "\u00e9").Array[0, 40]
            .Select(words => Encoding.Latin1.GetBytes(string.Concat(words))))
        .Sample(octets => Format.ReadOrderValues(octets, All), iter: 5_000);

    private static OrderValues Read(params string[] fields) => Format.ReadOrderValues(Encoding.UTF8.GetBytes(string.Join("\r\n", fields) + "\r\n\r\n"), All);
}
