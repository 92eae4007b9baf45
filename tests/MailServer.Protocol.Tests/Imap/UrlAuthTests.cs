using System.Text.RegularExpressions;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>What signed URLs lead to (RFC 4467), and whom.</summary>
public sealed class UrlAuthTests
{
    private const string Mine = "imap://alice%40example.org@mail.example.org";
    private const string Bobs = "imap://bob%40example.org@mail.example.org";
    private static readonly Account Bob = new(new AccountId(2), EmailAddress.Parse("bob@example.org"), true, ImapTestMailbox.Now);

    [Theory]
    [InlineData("authuser", true)]
    [InlineData("anonymous", true)]
    [InlineData("user+alice%40example.org", true)]
    [InlineData("user+ALICE%40example.org", true)]
    [InlineData("user+bob%40example.org", false)]
    [InlineData("user+alice", false)]
    [InlineData("submit+alice%40example.org", false)]
    public void The_access_decides_who_gets_the_octets_of_another_account(string access, bool isAllowed)
    {
        using var driver = WithBob();
        var url = Signed(driver, $"{Bobs}/INBOX/;UID=1/;SECTION=TEXT;URLAUTH={access}", Bob);
        Assert.Equal($"* URLFETCH \"{url}\" {(isAllowed ? "{6}\r\nhello\n" : "NIL")}\r\na OK URLFETCH completed\r\n", driver.Say($"a URLFETCH \"{url}\"\r\n"));
    }

    [Fact]
    public void Sections_ranges_and_long_texts_are_fetched_in_any_state_and_nothing_becomes_seen()
    {
        using var driver = WithBob();
        var large = $"a: b\r\n\r\n{new string('x', 100_000)}";
        driver.Mailbox.Deliver("INBOX", System.Text.Encoding.ASCII.GetBytes(large), MessageFlags.None);
        foreach (var selected in new[] { false, true })
        {
            if (selected) driver.Say("s SELECT Sent\r\n");
            var (all, part) = (Sign(driver, $"{Mine}/INBOX/;UID=1;URLAUTH=authuser"), Sign(driver, $"{Mine}/INBOX/;UID=1/;SECTION=TEXT/;PARTIAL=99998.5;URLAUTH=authuser"));
            Assert.Equal(
                $"* URLFETCH \"{all}\" {{{large.Length}}}\r\n{large}\r\n* URLFETCH \"{part}\" {{2}}\r\nxx\r\na OK URLFETCH completed\r\n", driver.Say($"a URLFETCH \"{all}\" \"{part}\"\r\n"));
        }

        driver.Say("s SELECT INBOX\r\n");
        Assert.Contains("FLAGS (\\Recent)", driver.Say("b FETCH 1 FLAGS\r\n"), StringComparison.Ordinal);
    }

    /// <summary>The examples of RFC 5524 §4, with other parts.</summary>
    [Fact]
    public void Parts_are_fetched_with_their_structure_and_without_their_transfer_encoding()
    {
        using var driver = WithBob();
        driver.Mailbox.Deliver("INBOX", TranscriptFile.ReadMessage("imap", "draft"), MessageFlags.None);
        driver.Mailbox.Deliver("INBOX", "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-blurdybloop\r\n\r\nx"u8.ToArray(), MessageFlags.None);
        var zip = Sign(driver, $"{Mine}/INBOX/;UID=1/;SECTION=2;URLAUTH=authuser");
        const string structure = "(BODYPARTSTRUCTURE (\"application\" \"x-zip-compressed\" NIL NIL NIL \"base64\" 12";
        Assert.Matches($@"\A\* URLFETCH ""[^""]+"" {Regex.Escape(structure)}[^\r]*\) \(BINARY ~\{{8\}}\r\n\x00\x01\x02\x03\x04\x05\x06\x07\)\r\na OK", driver.Say($"a URLFETCH (\"{zip}\" BODYPARTSTRUCTURE BINARY)\r\n"));
        Assert.Equal($"* URLFETCH \"{zip}\" (BODY {{12}}\r\nAAECAwQFBgc=)\r\nb OK URLFETCH completed\r\n", driver.Say($"b URLFETCH (\"{zip}\" body)\r\n"));
        Assert.Equal($"* URLFETCH \"{zip}\" {{12}}\r\nAAECAwQFBgc=\r\nc OK URLFETCH completed\r\n", driver.Say($"c URLFETCH (\"{zip}\")\r\n"));
        var mime = Sign(driver, $"{Mine}/INBOX/;UID=1/;SECTION=1.MIME;URLAUTH=authuser");
        Assert.StartsWith($"* URLFETCH \"{mime}\" (BINARY {{46}}\r\nContent-Type: ", driver.Say($"d URLFETCH (\"{mime}\" BINARY)\r\n"), StringComparison.Ordinal);
        var unknown = Sign(driver, $"{Mine}/INBOX/;UID=2/;SECTION=1;URLAUTH=authuser");
        Assert.Matches(@"\(BODYPARTSTRUCTURE \(""text"" ""plain"" [^\r]+\) \(BINARY NIL\)\r\ne OK", driver.Say($"e URLFETCH (\"{unknown}\" BODYPARTSTRUCTURE BINARY)\r\n"));
    }

    [Fact]
    public void A_url_ends_with_its_key_its_time_its_message_and_its_folder()
    {
        using var driver = WithBob();
        var inbox = driver.Mailbox.Folder("INBOX");
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\nx"u8.ToArray(), MessageFlags.None);
        driver.Mailbox.Deliver("Sent", "a: b\r\n\r\nx"u8.ToArray(), MessageFlags.None);
        var url = Sign(driver, $"{Mine}/INBOX;UIDVALIDITY={inbox.Validity.Value}/;UID=1;URLAUTH=authuser");
        var sent = Sign(driver, $"{Mine}/Sent/;UID=1;URLAUTH=authuser");
        Assert.True(Leads(driver, url) && Leads(driver, sent));
        Assert.False(Leads(driver, url[..^1] + (url[^1] == '0' ? '1' : '0')));
        Assert.False(Leads(driver, url.Replace(";UID=1", ";UID=2", StringComparison.Ordinal)));
        Assert.False(Leads(driver, Sign(driver, $"{Mine}/INBOX;UIDVALIDITY=1/;UID=1;URLAUTH=authuser")));
        Assert.True(Leads(driver, Sign(driver, $"{Mine}/INBOX/;UID=1;EXPIRE=2026-02-03T03:05:06Z;URLAUTH=authuser")));
        Assert.False(Leads(driver, Sign(driver, $"{Mine}/INBOX/;UID=1;EXPIRE=2026-02-03T03:05:05Z;URLAUTH=authuser")));
        driver.Say("r RESETKEY INBOX\r\n");
        Assert.False(Leads(driver, url));
        Assert.True(Leads(driver, sent));
        driver.Say("r RESETKEY\r\n");
        Assert.False(Leads(driver, sent));
        url = Sign(driver, $"{Mine}/INBOX/;UID=1;URLAUTH=authuser");
        driver.Mailbox.Expunge("INBOX", 1);
        Assert.False(Leads(driver, url));
    }

    [Theory]
    [InlineData("imap://nobody%40example.org@mail.example.org")]
    [InlineData("imap://nobody@mail.example.org")]
    [InlineData("imap://%22@mail.example.org")]
    public void A_url_of_nobody_leads_nowhere(string place)
    {
        using var driver = WithBob();
        Assert.False(Leads(driver, $"{place}/INBOX/;UID=1;URLAUTH=authuser:internal:{new string('0', 66)}"));
    }

    [Fact]
    public void A_mailbox_that_does_not_answer_is_told_apart_from_a_url_that_is_not_valid()
    {
        using var driver = WithBob();
        var url = Signed(driver, $"{Bobs}/INBOX/;UID=1;URLAUTH=authuser", Bob);
        driver.Others[Bob].FailsNext = true;
        Assert.Equal("a NO [UNAVAILABLE] Not possible at the moment, try again later\r\n", driver.Say($"a URLFETCH \"{url}\"\r\n"));
    }

    private static ImapDriver WithBob()
    {
        var driver = ImapDriver.SignedIn();
        var mailbox = new ImapTestMailbox(Domain.Limits.Default);
        mailbox.Deliver("INBOX", "Subject: to all\r\n\r\nhello\n"u8.ToArray(), MessageFlags.None);
        driver.Others[Bob] = mailbox;
        return driver;
    }

    private static bool Leads(ImapDriver driver, string url)
    {
        var said = driver.Say($"f URLFETCH \"{url}\"\r\n");
        Assert.EndsWith("f OK URLFETCH completed\r\n", said, StringComparison.Ordinal);
        return !said.Contains($"\"{url}\" NIL\r\n", StringComparison.Ordinal);
    }

    /// <summary>The session's own client signs a URL.</summary>
    private static string Sign(ImapDriver driver, string rump) =>
        Regex.Match(driver.Say($"g GENURLAUTH \"{rump}\" INTERNAL\r\n"), "^\\* GENURLAUTH \"([^\"]+)\"\r\ng OK").Groups[1] is { Success: true, Value: var url } ? url : throw new InvalidOperationException("not signed");

    /// <summary>Another account's client has signed a URL.</summary>
    private static string Signed(ImapDriver driver, string rump, Account owner) =>
        $"{rump}:internal:{((MailboxReply.UrlSigned)driver.Others[owner].Perform(new MailboxRequest.SignUrl(FolderName.Inbox, rump))).Token}";
}
