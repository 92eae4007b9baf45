using System.Diagnostics;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Messages made of parts of others (RFC 4469), beyond the transcripts.</summary>
public sealed class CatenateTests
{
    [Fact]
    public void A_url_names_the_folder_by_its_validity()
    {
        using var driver = WithMessage(20);
        var validity = driver.Mailbox.Folder("INBOX").Validity.Value;
        Assert.StartsWith("a OK [APPENDUID", Append(driver, $"/INBOX;UIDVALIDITY={validity}/;UID=1"), StringComparison.Ordinal);
        Assert.StartsWith("a NO [BADURL", Append(driver, $"/INBOX;UIDVALIDITY={validity + 1}/;UID=1"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_by_which_the_client_has_connected_is_the_server_s_too()
    {
        using var driver = WithMessage(20);
        driver.Session.TlsStarted(new Domain.Sessions.TlsInfo("TLSv1.3", "x", "imap.example.net"));
        foreach (var (host, isHere) in new[] { ("imap.example.net", true), ("MAIL.EXAMPLE.ORG", true), ("example.net", false), ("imap.example.net.example.com", false) })
            Assert.StartsWith(isHere ? "a OK" : "a NO [BADURL", Append(driver, $"imap://alice%40example.org@{host}/INBOX/;UID=1"), StringComparison.Ordinal);
    }

    /// <summary>A message of a gigabyte that costs the client a line: refused before more than one message of the largest size was copied.</summary>
    [Fact]
    public void Its_own_gigabyte_is_refused_quickly_and_nothing_is_left()
    {
        var limits = Limits.Default with { MaxMessageSize = 4_000_000 };
        using var driver = WithMessage(1_000_000, limits);
        var committed = 0;
        driver.BeforeEffect = effect => committed += effect is ImapEffect.CommitMessage ? 1 : 0;
        var parts = string.Join(' ', Enumerable.Repeat("URL /INBOX/;UID=1", 1_000));
        var (clock, before) = (Stopwatch.StartNew(), GC.GetTotalAllocatedBytes(precise: true));
        Assert.Equal("a NO [TOOBIG] Message too large\r\n", driver.Say($"a APPEND Archive CATENATE ({parts})\r\n"));
        Assert.Equal("b NO [TOOBIG] Message too large\r\n", driver.Say($"b APPEND Archive {string.Join(' ', Enumerable.Repeat("CATENATE (URL /INBOX/;UID=1 URL /INBOX/;UID=1 URL /INBOX/;UID=1)", 90))}\r\n"));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        // The test driver keeps in memory what the server has in files: about 10 copies of at most 8 MB.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 400_000_000);
        Assert.Equal(2, committed);
        Assert.Empty(driver.Mailbox.Folder("Archive").Messages);
        Assert.StartsWith("c OK", driver.Say("c NOOP\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_to_its_end_leaves_nothing()
    {
        using var driver = WithMessage(200_000);
        driver.Mailbox.Folder("INBOX").Find(1)!.IsGone = true;
        Assert.DoesNotContain("OK", Append(driver, "/INBOX/;UID=1"), StringComparison.Ordinal);
        Assert.Empty(driver.Mailbox.Folder("Archive").Messages);
    }

    [Theory]
    [InlineData("a APPEND Archive CATENATE (URL /INBOX/;UID=1)\r\n")]
    [InlineData("a APPEND Archive CATENATE (TEXT {3+}\r\na:b URL /INBOX/;UID=1)\r\n")]
    [InlineData("a APPEND Archive {3+}\r\na:b CATENATE (URL /INBOX/;UID=1)\r\n")]
    public void It_can_be_disabled(string command)
    {
        using var driver = WithMessage(20, disabled: "CATENATE");
        Assert.Equal("a BAD Syntax error in the arguments\r\n", driver.Say(command));
        Assert.StartsWith("b OK", driver.Say("b NOOP\r\n"), StringComparison.Ordinal);
        Assert.Empty(driver.Mailbox.Folder("Archive").Messages);
    }

    /// <summary>However the octets of the command arrive, the message is the same.</summary>
    [Fact]
    public void Parts_arrive_in_any_pieces()
    {
        const string command = "a APPEND Archive (\\Seen) CATENATE (URL {13+}\r\n/INBOX/;UID=1 TEXT {5+}\r\nhello UTF8 (~{3+}\r\nxyz) URL \"/INBOX/;UID=1/;PARTIAL=0.2\") {3+}\r\na:b CATENATE (TEXT ~{1+}\r\nc)\r\n";
        for (var size = 1; size < command.Length; size += 3)
        {
            using var driver = WithMessage(20);
            foreach (var piece in Encoding.ASCII.GetBytes(command).Chunk(size)) driver.Send(piece);
            Assert.StartsWith("a OK [APPENDUID", driver.TakeOutput(), StringComparison.Ordinal);
            var all = driver.Mailbox.Folder("Archive").Messages.Select(static m => Encoding.ASCII.GetString(m.Octets)).ToList();
            Assert.Equal([Message(20) + "helloxyz" + Message(20)[..2], "a:b", "c"], all);
        }
    }

    private static string Append(ImapDriver driver, string url) => driver.Say($"a APPEND Archive CATENATE (URL \"{url}\")\r\n");

    private static string Message(int size) => "a: b\r\n\r\n".PadRight(size, 'x');

    private static ImapDriver WithMessage(int size, Limits? limits = null, string? disabled = null)
    {
        var driver = new ImapDriver(ImapDriver.Options(limits, requireTls: false) with { Disabled = new DisabledCapabilities { ForAll = new HashSet<string>(disabled is null ? [] : [disabled]) } });
        driver.Session.Greet();
        driver.Send("x LOGIN alice@example.org secret\r\n");
        driver.TakeOutput();
        driver.Mailbox.Deliver("INBOX", Encoding.ASCII.GetBytes(Message(size)), MessageFlags.None);
        return driver;
    }
}
