using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;

namespace MailServer.Protocol.Tests.Dav;

public sealed class DavUrlTests
{
    private static readonly EmailAddress Account = EmailAddress.TryParse("user@example.org", out var address) ? address : throw new InvalidOperationException();

    [Theory]
    [InlineData("/dav/calendars/user@example.org/calendar/a.ics", "Calendars/calendar/a.ics")]
    [InlineData("/dav/calendars/user%40example.org/calendar/", "Calendars/calendar")]
    [InlineData("/dav/files/user@example.org/a%20b/%C3%BC", "Files/a b/ü")]
    [InlineData("/dav/addressbooks/user@example.org", "AddressBooks/")]
    public void A_url_names_a_path(string url, string path)
    {
        Assert.True(DavUrl.TryParse(url, Limits.Default, out var target));
        Assert.Equal(path, Assert.IsType<DavTarget.StoredResource>(target).Path.ToString());
    }

    [Theory]
    [InlineData("/dav/files/user@example.org/../other@example.org/x")]
    [InlineData("/dav/files/user@example.org/%2e%2e/x")]
    [InlineData("/dav/files/user@example.org/a%2fb")]
    [InlineData("/dav/files/user@example.org/%00")]
    [InlineData("/dav/files/user@example.org/%C3")]
    [InlineData("/dav/files/user@example.org/%4")]
    [InlineData("/dav/files/user@example.org/a//b")]
    [InlineData("/dav/secrets/user@example.org/a")]
    [InlineData("/davx/")]
    public void A_path_outside_the_DAV_spaces_names_nothing(string url) => Assert.False(DavUrl.TryParse(url, Limits.Default, out _));

    [Fact]
    public void Written_values_round_trip()
    {
        var path = CollectionPath.HomeOf(CollectionSpace.Files).Child("ü & <b>").Child("100%");
        Assert.True(DavUrl.TryParse(DavUrl.HrefOf(Account, path, isCollection: false), Limits.Default, out var target));
        Assert.Equal(path, Assert.IsType<DavTarget.StoredResource>(target).Path);
    }

    [Fact]
    public void An_If_header_is_parsed_as_in_RFC_4918()
    {
        var lists = IfHeader.Parse("</dav/files/user@example.org/a> (<urn:uuid:1> [\"e1\"]) (Not <DAV:no-lock>) <http://else.where/x> ([W/\"e2\"])", Account, Limits.Default);
        Assert.Equal(3, lists.Count);
        Assert.Equal("Files/a", lists[0].Resource!.ToString());
        Assert.Equal([new IfCondition(false, "urn:uuid:1", null), new IfCondition(false, null, "e1")], lists[0].Conditions);
        Assert.Equal([new IfCondition(true, "DAV:no-lock", null)], lists[1].Conditions);
        Assert.True(lists[2].IsForeign);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("()")]
    [InlineData("(Not)")]
    [InlineData("<a>")]
    [InlineData("(<a>")]
    [InlineData("([e])")]
    [InlineData("x")]
    public void A_malformed_If_header_is_refused(string header) =>
        Assert.Equal(400, Assert.Throws<DavException>(() => IfHeader.Parse(header, Account, Limits.Default)).Status);

    [Fact]
    public void Strong_and_weak_entity_tags_are_parsed()
    {
        Assert.Equal(["a", "c"], ETags.Parse("\"a\", W/\"b\" ,\"c\"", strong: true)!.Tags);
        Assert.Equal(["a", "b"], ETags.Parse("\"a\",W/\"b\"", strong: false)!.Tags);
        Assert.True(ETags.Parse("*", strong: true)!.Any);
        Assert.Equal(400, Assert.Throws<DavException>(() => ETags.Parse("a", strong: true)).Status);
    }

    [Theory]
    [InlineData("data:,sync-7-123", true)]
    [InlineData("data:,sync-7", false)]
    [InlineData("data:,sync--1-2", false)]
    [InlineData("http://example.org/7", false)]
    public void Sync_tokens_of_this_server_are_recognized(string text, bool ours)
    {
        Assert.Equal(ours, SyncToken.TryParse(text, out var token));
        if (ours) Assert.Equal(text, token.ToString());
    }
}
