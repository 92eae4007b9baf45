using System.Diagnostics;
using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Commands that are large by design: refused quickly, with little memory, and nothing half done. The session goes on.</summary>
public sealed class BadInputTests
{
    private const long Little = 40_000_000;

    public static TheoryData<string, string> Commands() => new()
    {
        { "a search program of 1 MB", "a SEARCH " + Repeated("OR SUBJECT a", 90_000) + " ALL" },
        { "a search program of 60 KB", "a SEARCH " + Repeated("OR SUBJECT a", 4_500) + " ALL" },
        { "a search program of many keys", "a SEARCH " + Repeated("NOT", 10_000) + " ALL" },
        { "a set of 100,000 elements", "a FETCH " + string.Join(',', Enumerable.Range(1, 100_000).Select(static n => (n * 2).ToString(CultureInfo.InvariantCulture))) + " FLAGS" },
        { "a set of 100,000 elements in SEARCH", "a UID SEARCH UID " + string.Join(',', Enumerable.Repeat("1:*", 100_000)) },
        { "10,000 nested parentheses", "a SEARCH " + new string('(', 10_000) + "ALL" + new string(')', 10_000) },
        { "10,000 nested parentheses in FETCH", "a FETCH 1 " + new string('(', 10_000) + "FLAGS" + new string(')', 10_000) },
        { "10,000 nested parentheses in CATENATE", "a APPEND INBOX CATENATE " + new string('(', 10_000) + "TEXT" + new string(')', 10_000) },
        { "10,000 nested parentheses in URLFETCH", "a URLFETCH " + new string('(', 10_000) },
        { "a URL of 1 MB", "a URLFETCH \"imap://" + new string('a', 1_000_000) + "\"" },
        { "a URL of 60 KB", "a GENURLAUTH \"imap://alice%40example.org@a/INBOX/;UID=1/;SECTION=" + Repeated("1.", 30_000).Replace(" ", "", StringComparison.Ordinal) + "1;URLAUTH=authuser\" INTERNAL" },
        { "a literal of a URL of 1 GB", "a APPEND INBOX CATENATE (URL {1000000000}" },
        { "CATENATE of 10,000 parts", "a APPEND INBOX CATENATE (" + Repeated("URL /a/;UID=1", 10_000) + ")" },
        { "1,000 sections", "a FETCH 1 (" + Repeated("BODY[1.2.3]", 1_000) + ")" },
        { "10,000 mechanisms", "a RESETKEY Nowhere " + Repeated("X", 10_000) },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void It_is_refused(string what, string command)
    {
        using var driver = ImapDriver.SignedIn();
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\nc"u8.ToArray(), MessageFlags.None);
        driver.Say("s SELECT INBOX\r\n");
        var octets = System.Text.Encoding.ASCII.GetBytes(command + "\r\n");
        var (clock, before) = (Stopwatch.StartNew(), GC.GetTotalAllocatedBytes(precise: true));
        // The driver itself copies what the session has not taken.
        foreach (var piece in octets.Chunk(60_000)) driver.Send(piece);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Little);
        var said = driver.TakeOutput();
        Assert.True(said.StartsWith("a BAD ", StringComparison.Ordinal) || said.StartsWith("a NO ", StringComparison.Ordinal), $"{what}: {said[..Math.Min(200, said.Length)]}");
        Assert.StartsWith("b OK", driver.Say("b NOOP\r\n"), StringComparison.Ordinal);
        Assert.Single(driver.Mailbox.Folder("INBOX").Messages);
    }

    /// <summary>Wherever a client breaks off, what it has sent of its messages is discarded.</summary>
    [Theory]
    [InlineData("a APPEND Archive {10+}\r\na:b\r\n\r\nc\r\n (\\Flagged) {10+}\r\na:b\r\n\r\nd\r\n CATENATE (TEXT {5+}\r\nhello URL /INBOX/;UID=1)\r\n")]
    [InlineData("a UID REPLACE 1 INBOX CATENATE (TEXT {10+}\r\na:b\r\n\r\nc\r\n URL {13+}\r\n/INBOX/;UID=1)\r\n")]
    public void Messages_that_break_off_leave_nothing(string command)
    {
        for (var length = 1; length < command.Length - 1; length++)
        {
            using var driver = ImapDriver.SignedIn();
            var ended = 0;
            driver.BeforeEffect = effect => ended += effect is ImapEffect.RequestMailbox { Request: MailboxRequest.Append or MailboxRequest.AppendAll or MailboxRequest.Replace } ? 1 : 0;
            driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\nc"u8.ToArray(), MessageFlags.None);
            driver.Say("s SELECT INBOX\r\n");
            Assert.DoesNotContain("OK", driver.Say(command[..length]), StringComparison.Ordinal);
            driver.Session.Dispose();
            Assert.Equal(0, ended);
            Assert.Empty(driver.Mailbox.Folder("Archive").Messages);
            Assert.Equal([new Uid(1)], driver.Mailbox.Folder("INBOX").Messages.Select(static m => m.Uid));
        }
    }

    private static string Repeated(string word, int count) => string.Join(' ', Enumerable.Repeat(word, count));
}
