using CsCheck;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Urls;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>URLs of messages (RFC 5092, RFC 4467).</summary>
public sealed class ImapUrlTests
{
    [Theory]
    [InlineData("imap://minbari.example.org/gray-council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024", "minbari.example.org", null, "gray-council", 385759045u, 20u, "BODY[]", 1024u)]
    [InlineData("imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;uid=20/;section=1.2", "minbari.example.org", null, "gray-council", null, 20u, "BODY[1.2]", null)]
    [InlineData("imap://joe@example.com:1143/INBOX/;uid=20/;section=1.2", "example.com", "joe", "INBOX", null, 20u, "BODY[1.2]", null)]
    [InlineData("imap://john%40example.com;AUTH=*@[2001:DB8::1]:143/inbox/;UID=1", "[2001:db8::1]", "john@example.com", "INBOX", null, 1u, "BODY[]", null)]
    [InlineData("/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/%E5%8F%B0%E5%8C%97/;UID=7/;SECTION=HEADER.FIELDS%20(From)", null, null, "~peter/日本語/台北", null, 7u, "BODY[HEADER.FIELDS (From)]", null)]
    [InlineData("//joe@example.com/a%3Bb%2Fc/;UID=7/;PARTIAL=5", "example.com", "joe", "a;b/c", null, 7u, "BODY[]", uint.MaxValue)]
    public void The_examples_are_read(string text, string? host, string? user, string folder, uint? validity, uint uid, string label, uint? count)
    {
        var url = ImapUrl.Parse(text)!;
        Assert.Equal((host, user, FolderName.Parse(folder), validity, uid), (url.Host, url.User, url.Folder, url.Validity, url.Uid));
        Assert.Equal((label, count), (System.Text.Encoding.ASCII.GetString(url.Section.Label), url.Section.Partial?.Count));
    }

    [Fact]
    public void Any_text_is_read_or_not_but_never_fails()
    {
        var words = Gen.OneOfConst("imap://", "//", "/", "INBOX", ";UID=", ";UIDVALIDITY=", ";SECTION=", ";PARTIAL=", ";EXPIRE=", ";URLAUTH=", "1", ".", "%", "%4", "%41", "%00", "%FF", "@", ":", "]", "user+", "authuser",
            ":internal:", "0123456789abcdef0123456789abcdef", "2026-01-01T00:00:00Z", "é", "\0", " ", "?", "TEXT", ";AUTH=*");
        words.Array[0, 12].Select(string.Concat).Sample(
            text =>
            {
                _ = ImapUrl.Parse(text);
                _ = AuthorizedUrl.Parse(text);
                Assert.DoesNotContain(PercentText.ForResponseCode(text), static c => c is < ' ' or > '~' or ']');
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData(";urlauth=authuser", nameof(UrlAccess.SignedIn), null, null)]
    [InlineData(";URLAUTH=Anonymous", nameof(UrlAccess.Anyone), null, null)]
    [InlineData(";EXPIRE=2026-03-04T05:06:07.5+01:00;URLAUTH=user+a%2Bb", nameof(UrlAccess.User), "a+b", "2026-03-04T04:06:07.5Z")]
    [InlineData(";expire=2026-03-04t05:06:07z;URLAUTH=submit+fred", nameof(UrlAccess.Submission), "fred", "2026-03-04T05:06:07Z")]
    public void Accesses_and_times_are_read(string end, string access, string? user, string? expiry)
    {
        const string place = "imap://joe@example.com/INBOX/;uid=20/;section=1.2";
        foreach (var token in new[] { "", ":internal:91354a473744909de610943775f92038" })
        {
            var url = AuthorizedUrl.Parse(place + end + token)!;
            Assert.Equal((access, user, place + end), (url.Access.ToString(), url.AccessUser, url.Rump));
            Assert.Equal(expiry is null ? null : DateTimeOffset.Parse(expiry, System.Globalization.CultureInfo.InvariantCulture), url.Expiry);
            Assert.Equal(token.Length == 0 ? null : "91354a473744909de610943775f92038", url.Token);
        }
    }

    [Theory]
    [InlineData(";URLAUTH=authuser:internal:91354a473744909de610943775f9203")]
    [InlineData(";URLAUTH=authuser:internal:91354a473744909de610943775f9203g")]
    [InlineData(";URLAUTH=authuser:xsample:91354a473744909de610943775f92038")]
    [InlineData(";URLAUTH=authuser:internal")]
    [InlineData(";URLAUTH=authuser+x")]
    [InlineData(";URLAUTH=user")]
    [InlineData(";URLAUTH=")]
    [InlineData(";URLAUTH=authuser;EXPIRE=2026-03-04T05:06:07Z")]
    [InlineData(";EXPIRE=2026-03-04;URLAUTH=authuser")]
    [InlineData(";EXPIRE=;URLAUTH=authuser")]
    public void What_is_not_one_is_not_read(string end) => Assert.Null(AuthorizedUrl.Parse("imap://joe@example.com/INBOX/;uid=20" + end));
}
