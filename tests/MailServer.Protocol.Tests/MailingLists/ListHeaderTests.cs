using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.MailingLists;

namespace MailServer.Protocol.Tests.MailingLists;

/// <summary>The header of a message that a mailing list sends.</summary>
public sealed class ListHeaderTests
{
    private const string Original =
        "Return-Path: <ann@far.test>\r\nDKIM-Signature: v=1; d=far.test\r\nFrom: \"Ann, of Far\" <ann@far.test>\r\nTo: team@example.org\r\nCc: \"Zoe, Z\" <zoe@else.test>\r\nSubject: hello\r\n"
        + "List-Id: <old.else.test>\r\nPrecedence: bulk\r\nMessage-ID: <1@far.test>\r\n\r\n";

    private static readonly MailingList List = new(EmailAddress.Parse("team@example.org"), new MailingListSettings(EmailAddress.Parse("boss@example.org")) { Name = "The team" });
    private static readonly EmailAddress Author = EmailAddress.Parse("ann@far.test");

    [Fact]
    public void The_fields_of_the_list_replace_those_of_another_and_everything_else_stays()
    {
        var header = Write(Original, List, null);
        Assert.StartsWith(
            "X-BeenThere: team@example.org\r\nList-Id: \"The team\" <team.example.org>\r\nList-Post: <mailto:team@example.org>\r\nList-Owner: <mailto:team-owner@example.org>\r\n",
            header, StringComparison.Ordinal);
        Assert.Contains("<mailto:team-owner@example.org?subject=unsubscribe%20team%40example.org>", Unfolded(header), StringComparison.Ordinal);
        Assert.Contains("Precedence: list\r\n", header, StringComparison.Ordinal);
        Assert.EndsWith(
            "DKIM-Signature: v=1; d=far.test\r\nFrom: \"Ann, of Far\" <ann@far.test>\r\nTo: team@example.org\r\nCc: \"Zoe, Z\" <zoe@else.test>\r\nSubject: hello\r\nMessage-ID: <1@far.test>\r\n\r\n",
            header, StringComparison.Ordinal);
        Assert.DoesNotContain("old.else.test", header, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path", header, StringComparison.Ordinal);
        Assert.DoesNotContain("Reply-To", header, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_for_announcements_says_that_members_cannot_post() =>
        Assert.Contains("List-Post: NO\r\n", Write(Original, With(static s => s with { Posting = ListPosting.Owner }), null), StringComparison.Ordinal);

    [Fact]
    public void Replies_go_to_the_list_if_it_wants_that()
    {
        var header = Write("Reply-To: other@far.test\r\n" + Original, With(static s => s with { RepliesToList = true }), null);
        Assert.Contains("\r\nReply-To: team@example.org\r\n", header, StringComparison.Ordinal);
        Assert.DoesNotContain("other@far.test", header, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rewritten_author_keeps_the_name_and_gets_replies()
    {
        var header = Write(Original, List, Author);
        Assert.Contains("\r\nFrom: \"Ann, of Far via The team\" <team@example.org>\r\n", header, StringComparison.Ordinal);
        Assert.Contains("\r\nReply-To: ann@far.test\r\n", header, StringComparison.Ordinal);
        Assert.Equal(1, Count(header, "\r\nFrom:"));
        Assert.DoesNotContain("DKIM-Signature", header, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rewritten_author_keeps_its_own_Reply_To()
    {
        var header = Write("Reply-To: \"Ann, at home\" <ann@home.test>\r\n" + Original, List, Author);
        Assert.Contains("\r\nReply-To: \"Ann, at home\" <ann@home.test>\r\n", header, StringComparison.Ordinal);
        Assert.Equal(1, Count(header, "\r\nReply-To:"));
    }

    [Fact]
    public void When_replies_go_to_the_list_a_rewritten_author_is_in_Cc()
    {
        var header = Write(Original, With(static s => s with { RepliesToList = true }), Author);
        Assert.Contains("\r\nReply-To: team@example.org\r\n", header, StringComparison.Ordinal);
        Assert.Contains("\r\nCc: \"Zoe, Z\" <zoe@else.test>,\r\n ann@far.test\r\n", header, StringComparison.Ordinal);
        Assert.Equal(1, Count(header, "\r\nCc:"));
    }

    [Theory]
    [InlineData("From: =?utf-8?q?=C3=84nn?= <ann@far.test>\r\n\r\n", "Änn via The team")]
    [InlineData("From: ann@far.test\r\n\r\n", "ann via The team")]
    [InlineData("From: \"boss@bank.test\" <ann@far.test>\r\n\r\n", "ann via The team")]
    public void The_name_of_a_rewritten_author_is_shown(string original, string name)
    {
        var from = MimeKit.InternetAddressList.Parse(Unfolded(Write(original, List, Author)).Split("\r\n").First(static l => l.StartsWith("From:", StringComparison.Ordinal))[5..]).Mailboxes.Single();
        Assert.Equal((name, "team@example.org"), (from.Name, from.Address));
    }

    [Theory]
    [InlineData("X-BeenThere: TEAM@example.org\r\n\r\n", true)]
    [InlineData("List-Id: The =?utf-8?q?t=C3=A9am?= <team.example.org>\r\n\r\n", true)]
    [InlineData("List-Id: team.example.org\r\n\r\n", true)]
    [InlineData("X-BeenThere: other@example.org\r\nList-Id: <other.example.org>\r\n\r\n", false)]
    [InlineData("Subject: team.example.org\r\n\r\n", false)]
    public void A_message_that_was_at_the_list_before_is_recognised(string header, bool expected) => Assert.Equal(expected, ListHeader.HasBeenThrough(Encoding.UTF8.GetBytes(header), List));

    [Fact]
    public void A_message_of_the_list_is_recognised_even_after_another_list() =>
        Assert.True(ListHeader.HasBeenThrough(Encoding.UTF8.GetBytes(Write(Write(Original, List, null), new MailingList(EmailAddress.Parse("b@else.test"), List.Settings), null)), List));

    [Theory]
    [InlineData("Auto-Submitted: auto-replied (vacation)\r\n\r\n", true)]
    [InlineData("Auto-Submitted: auto-generated\r\n\r\n", true)]
    [InlineData("Content-Type: multipart/report; report-type=delivery-status\r\n\r\n", true)]
    [InlineData("Auto-Submitted: no\r\n\r\n", false)]
    [InlineData("Subject: x\r\n\r\n", false)]
    public void Messages_of_programs_are_recognised(string header, bool expected) => Assert.Equal(expected, ListHeader.IsAutomatic(Encoding.UTF8.GetBytes(header)));

    private static MailingList With(Func<MailingListSettings, MailingListSettings> change) => List with { Settings = change(List.Settings) };

    private static string Write(string header, MailingList list, EmailAddress? author) => Encoding.UTF8.GetString(ListHeader.Write(Encoding.UTF8.GetBytes(header), list, author));

    private static string Unfolded(string header) => header.Replace("\r\n ", " ", StringComparison.Ordinal).Replace("\r\n\t", " ", StringComparison.Ordinal);

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
