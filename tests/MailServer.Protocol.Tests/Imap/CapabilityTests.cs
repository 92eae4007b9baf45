using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Commands;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Every announced capability has a transcript that uses it, and can be disabled.</summary>
public sealed class CapabilityTests
{
    /// <summary>For each capability a transcript, and what its client sends.</summary>
    private static readonly Dictionary<string, (string Transcript, string Command)> Uses = new()
    {
        ["IMAP4rev1"] = ("capability", "CAPABILITY"),
        ["IMAP4rev2"] = ("imap4rev2", "ENABLE IMAP4REV2"),
        ["LITERAL+"] = ("multiappend", "{24+}"),
        ["SASL-IR"] = ("authenticate-plain", "AUTHENTICATE PLAIN "),
        ["ID"] = ("id", " ID "),
        ["ENABLE"] = ("enable", "ENABLE"),
        ["IDLE"] = ("idle", "IDLE"),
        ["NAMESPACE"] = ("namespace", "NAMESPACE"),
        ["UIDPLUS"] = ("uid-expunge", "UID EXPUNGE"),
        ["MOVE"] = ("move", "MOVE"),
        ["UNSELECT"] = ("unselect", "UNSELECT"),
        ["SPECIAL-USE"] = ("list-extended", "SPECIAL-USE"),
        ["CHILDREN"] = ("list", "LIST"),
        ["QUOTA"] = ("quota", "GETQUOTA"),
        ["QUOTA=RES-STORAGE"] = ("quota", "GETQUOTAROOT"),
        ["CONDSTORE"] = ("condstore", "CHANGEDSINCE"),
        ["QRESYNC"] = ("qresync", "QRESYNC ("),
        ["ESEARCH"] = ("esearch", "RETURN ("),
        ["SEARCHRES"] = ("searchres", "SAVE"),
        ["I18NLEVEL=1"] = ("i18nlevel", "CHARSET UTF-8"),
        ["WITHIN"] = ("within", "YOUNGER"),
        ["PARTIAL"] = ("partial", "PARTIAL"),
        ["SORT"] = ("sort", "SORT ("),
        ["SORT=DISPLAY"] = ("sort", "DISPLAYFROM"),
        ["ESORT"] = ("esort", "SORT RETURN"),
        ["THREAD=ORDEREDSUBJECT"] = ("thread", "THREAD ORDEREDSUBJECT"),
        ["THREAD=REFERENCES"] = ("thread", "THREAD REFERENCES"),
        ["LIST-EXTENDED"] = ("list-extended", "RECURSIVEMATCH"),
        ["LIST-STATUS"] = ("list-status", "STATUS ("),
        ["STATUS=SIZE"] = ("status-size", "SIZE"),
        ["CREATE-SPECIAL-USE"] = ("create-special-use", "(USE ("),
        ["MULTIAPPEND"] = ("multiappend", "APPEND"),
        ["OBJECTID"] = ("objectid", "EMAILID"),
        ["SAVEDATE"] = ("savedate", "SAVEDATE"),
        ["PREVIEW"] = ("preview", "PREVIEW (LAZY)"),
        ["BINARY"] = ("binary", "BINARY.PEEK["),
        ["REPLACE"] = ("replace", "UID REPLACE"),
        ["UTF8=ACCEPT"] = ("utf8-accept", "ENABLE UTF8=ACCEPT"),
        ["UNAUTHENTICATE"] = ("unauthenticate", "UNAUTHENTICATE"),
        ["CONTEXT=SEARCH"] = ("context", "UID SEARCH RETURN (UPDATE"),
        ["CONTEXT=SORT"] = ("context", "UID SORT RETURN (UPDATE"),
        ["ACL"] = ("acl", "SETACL"),
        ["RIGHTS=kxte"] = ("acl", "+KXTE"),
        ["LIST-MYRIGHTS"] = ("list-myrights", "RETURN (MYRIGHTS"),
        ["METADATA"] = ("metadata", "SETMETADATA"),
        ["LIST-METADATA"] = ("list-metadata", "METADATA ("),
        ["NOTIFY"] = ("notify", "NOTIFY SET STATUS"),
        ["CATENATE"] = ("catenate", "CATENATE (URL"),
        ["URLAUTH"] = ("urlauth", "GENURLAUTH"),
        ["URLAUTH=BINARY"] = ("urlauth", "URLFETCH ("),
        ["APPENDLIMIT"] = ("status-size", "APPENDLIMIT"),
        ["COMPRESS=DEFLATE"] = ("compress", "COMPRESS DEFLATE"),
    };

    // The server sends INPROGRESS when the mailbox takes long: SessionWaitTests.
    private static readonly string[] WithoutCommand = ["INPROGRESS"];

    [Fact]
    public void Every_capability_has_a_transcript()
    {
        Assert.Empty(Capabilities.All.Except(Uses.Keys).Except(WithoutCommand));
        foreach (var (capability, (transcript, command)) in Uses)
        {
            var sent = TranscriptFile.Open("imap", transcript).Steps.OfType<TranscriptStep.Send>().Select(s => Encoding.Latin1.GetString(s.Octets).ToUpperInvariant());
            Assert.True(sent.Any(line => line.Contains(command, StringComparison.Ordinal)), $"{capability}: {transcript}.transcript does not use {command}");
        }
    }

    [Fact]
    public void Every_optional_capability_can_be_disabled()
    {
        foreach (var capability in Capabilities.Optional)
        {
            using var driver = SignedIn(capability);
            var announced = driver.Say("a CAPABILITY\r\n").Split("\r\n")[0].Split(' ').Skip(2).Select(static c => c.StartsWith("APPENDLIMIT=", StringComparison.Ordinal) ? "APPENDLIMIT" : c);
            string[] disabled = capability == "ACL" ? ["ACL", "RIGHTS=kxte", "LIST-MYRIGHTS"] : [capability];
            Assert.Equal(Capabilities.All.Except(disabled), announced);
        }
    }

    [Theory]
    [InlineData("COMPRESS=DEFLATE", "a COMPRESS DEFLATE\r\n")]
    [InlineData("IDLE", "a IDLE\r\n")]
    [InlineData("UNAUTHENTICATE", "a UNAUTHENTICATE\r\n")]
    [InlineData("CONTEXT=SEARCH", "a CANCELUPDATE \"b\"\r\n")]
    [InlineData("METADATA", "a GETMETADATA INBOX /private/comment\r\n")]
    [InlineData("NOTIFY", "a NOTIFY NONE\r\n")]
    [InlineData("QUOTA", "a GETQUOTAROOT INBOX\r\n")]
    [InlineData("NAMESPACE", "a NAMESPACE\r\n")]
    [InlineData("URLAUTH", "a RESETKEY\r\n")]
    [InlineData("ACL", "a SETACL INBOX anyone lr\r\n")]
    [InlineData("ACL", "a DELETEACL INBOX anyone\r\n")]
    [InlineData("ACL", "a GETACL INBOX\r\n")]
    [InlineData("ACL", "a LISTRIGHTS INBOX anyone\r\n")]
    [InlineData("ACL", "a MYRIGHTS INBOX\r\n")]
    [InlineData("REPLACE", "a REPLACE 1 INBOX {3+}\r\na:b\r\n")]
    public void The_commands_of_a_disabled_capability_are_refused(string capability, string command)
    {
        using var driver = SignedIn(capability);
        Assert.Equal("a BAD Unknown command\r\n", driver.Say(command));
        Assert.EndsWith("b OK NOOP completed\r\n", driver.Say("b NOOP\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_ACL_there_are_no_folders_of_other_mailboxes()
    {
        using var driver = SignedIn("ACL");
        var shared = driver.Sharing.Of("bob@example.org", isShared: false);
        shared.GuestRights![FolderName.Inbox] = FolderRights.All;
        Assert.StartsWith("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n", driver.Say("a NAMESPACE\r\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("Other Users", driver.Say("b LIST \"\" *\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("c NO [NONEXISTENT]", driver.Say("c SELECT \"Other Users/bob@example.org/INBOX\"\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("d NO [CANNOT]", driver.Say("d CREATE \"Other Users/bob@example.org/INBOX\"\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disabled_capability_cannot_be_enabled()
    {
        using var driver = SignedIn("QRESYNC", "IMAP4rev2", "UTF8=ACCEPT");
        Assert.Equal("* ENABLED CONDSTORE\r\na OK ENABLE completed\r\n", driver.Say("a ENABLE QRESYNC CONDSTORE IMAP4rev2 UTF8=ACCEPT\r\n"));
    }

    [Fact]
    public void A_capability_can_be_disabled_for_an_account()
    {
        foreach (var (login, isDisabled) in new[] { ("ALICE@example.org", true), ("bob@example.org", false) })
        {
            using var driver = SignedIn(new DisabledCapabilities { ForAccounts = [(EmailAddress.Parse(login), "IDLE")] });
            Assert.Equal(!isDisabled, driver.Say("a CAPABILITY\r\n").Contains(" IDLE ", StringComparison.Ordinal));
            Assert.Equal(isDisabled, driver.Say("a IDLE\r\n") == "a BAD Unknown command\r\n");
        }
    }

    [Fact]
    public void A_capability_can_be_disabled_for_a_program_which_is_told_when_it_says_its_name()
    {
        using var driver = SignedIn(new DisabledCapabilities { ForClients = [("Old Mail 3", "IDLE")] });
        Assert.Contains(" IDLE ", driver.Say("a CAPABILITY\r\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("CAPABILITY", driver.Say("a ID (\"name\" \"Old Mail\" \"version\" \"2.9\")\r\n"), StringComparison.Ordinal);
        var said = driver.Say("a ID (\"name\" \"old mail\" \"version\" \"3.1\")\r\n");
        Assert.Matches(@"\A\* ID [^\r]*\r\n\* CAPABILITY IMAP4rev1 [^\r]*\r\na OK ID completed\r\n\z", said);
        Assert.DoesNotContain(" IDLE ", said, StringComparison.Ordinal);
        Assert.Equal("a BAD Unknown command\r\n", driver.Say("a IDLE\r\n"));
    }

    [Fact]
    public void Enable_does_not_change_the_capabilities()
    {
        using var driver = SignedIn();
        var before = driver.Say("a CAPABILITY\r\n");
        driver.Say("b ENABLE IMAP4rev2 UTF8=ACCEPT QRESYNC\r\n");
        Assert.Equal(before, driver.Say("a CAPABILITY\r\n"));
    }

    private static ImapDriver SignedIn(params string[] disabled) => SignedIn(new DisabledCapabilities { ForAll = disabled.ToHashSet() });

    private static ImapDriver SignedIn(DisabledCapabilities disabled)
    {
        var driver = new ImapDriver(ImapDriver.Options(requireTls: false) with { Disabled = disabled });
        driver.Session.Greet();
        driver.Send("x LOGIN alice@example.org secret\r\n");
        driver.TakeOutput();
        return driver;
    }
}
