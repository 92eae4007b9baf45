using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Commands;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Every command with folders of another mailbox: its requests go to the owner, who decides about the rights, and none of them to the own mailbox.</summary>
public sealed class SharedRoutingTests
{
    private const string Team = "\"Other Users/bob@example.org/Team\"";
    private const string Open = "\"Other Users/bob@example.org/Open\"";
    private static readonly MailboxOwner Bob = new(EmailAddress.Parse("bob@example.org"), IsShared: false);

    /// <summary>Each command with folders of Bob, one of which is selected; the number of requests to him at least. Null: the command knows no folders.</summary>
    private static readonly Dictionary<string, (string Line, int Requests)?> Lines = new(StringComparer.Ordinal)
    {
        ["CAPABILITY"] = null,
        ["LOGOUT"] = null,
        ["ID"] = null,
        ["STARTTLS"] = null,
        ["AUTHENTICATE"] = null,
        ["LOGIN"] = null,
        ["ENABLE"] = null,
        ["NAMESPACE"] = null,
        ["GETQUOTA"] = null,
        ["SETQUOTA"] = null,
        ["IDLE"] = null,
        ["NOTIFY"] = null,
        ["COMPRESS"] = null,
        ["CANCELUPDATE"] = null,
        ["UNAUTHENTICATE"] = ("UNAUTHENTICATE", 1),
        ["NOOP"] = ("NOOP", 1),
        ["CHECK"] = ("CHECK", 1),
        ["SELECT"] = ($"SELECT {Open}", 1),
        ["EXAMINE"] = ($"EXAMINE {Open}", 1),
        ["CREATE"] = ("CREATE \"Other Users/bob@example.org/Team/New\"", 1),
        ["DELETE"] = ($"DELETE {Open}", 1),
        ["RENAME"] = ($"RENAME {Open} \"Other Users/bob@example.org/Closed\"", 1),
        // A subscription is a name in the own mailbox.
        ["SUBSCRIBE"] = ($"SUBSCRIBE {Team}", 0),
        ["UNSUBSCRIBE"] = ($"UNSUBSCRIBE {Team}", 0),
        ["LIST"] = ("LIST \"\" * RETURN (MYRIGHTS STATUS (MESSAGES) METADATA (/shared/comment))", 7),
        ["LSUB"] = ("LSUB \"\" *", 1),
        ["STATUS"] = ($"STATUS {Team} (MESSAGES DELETED-STORAGE)", 1),
        ["APPEND"] = ($"APPEND {Open} {{8+}}\r\nA: b\r\n\r\n", 1),
        ["SETACL"] = ($"SETACL {Team} carol@example.org lr", 2),
        ["DELETEACL"] = ($"DELETEACL {Team} anyone", 2),
        ["GETACL"] = ($"GETACL {Team}", 1),
        ["LISTRIGHTS"] = ($"LISTRIGHTS {Team} carol@example.org", 1),
        ["MYRIGHTS"] = ($"MYRIGHTS {Team}", 1),
        ["GETMETADATA"] = ($"GETMETADATA {Team} /shared/comment", 1),
        ["SETMETADATA"] = ($"SETMETADATA {Team} (/shared/comment \"x\")", 1),
        ["GETQUOTAROOT"] = ($"GETQUOTAROOT {Team}", 1),
        ["CLOSE"] = ("CLOSE", 2),
        ["UNSELECT"] = ("UNSELECT", 1),
        ["EXPUNGE"] = ("EXPUNGE", 1),
        ["SEARCH"] = ("SEARCH UNSEEN", 1),
        ["SORT"] = ("SORT (DATE) UTF-8 ALL", 1),
        ["THREAD"] = ("THREAD REFERENCES UTF-8 ALL", 1),
        ["FETCH"] = ("FETCH 1 BODY[]", 1),
        ["STORE"] = ("STORE 1 (UNCHANGEDSINCE 99) +FLAGS (\\Seen)", 1),
        ["COPY"] = ($"COPY 1 {Open}", 1),
        ["MOVE"] = ($"MOVE 1 {Open}", 1),
        ["REPLACE"] = ($"REPLACE 1 {Open} {{8+}}\r\nA: b\r\n\r\n", 1),
        ["UID EXPUNGE"] = ("UID EXPUNGE 1", 1),
        ["UID SEARCH"] = ("UID SEARCH UNSEEN", 1),
        ["UID SORT"] = ("UID SORT (DATE) UTF-8 ALL", 1),
        ["UID THREAD"] = ("UID THREAD REFERENCES UTF-8 ALL", 1),
        ["UID FETCH"] = ("UID FETCH 1 (FLAGS) (CHANGEDSINCE 1)", 2),
        ["UID STORE"] = ("UID STORE 1 FLAGS (\\Flagged)", 1),
        ["UID COPY"] = ($"UID COPY 1 {Open}", 1),
        ["UID MOVE"] = ($"UID MOVE 1 {Open}", 1),
        ["UID REPLACE"] = ($"UID REPLACE 1 {Open} {{8+}}\r\nA: b\r\n\r\n", 1),
    };

    public static TheoryData<string> Commands => [.. Lines.Where(static l => l.Value is not null).Select(static l => l.Key)];

    [Fact]
    public void Every_command_is_listed() => Assert.Empty(ImapCommandTable.All.Select(static c => c.Name).Except(Lines.Keys));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Requests_about_folders_of_another_mailbox_go_to_its_owner(string command)
    {
        var (line, least) = Lines[command]!.Value;
        using var driver = Selected();
        var requests = new List<ImapEffect.RequestMailbox>();
        driver.BeforeEffect = effect =>
        {
            if (effect is ImapEffect.RequestMailbox asked) requests.Add(asked);
        };
        Assert.Contains("b OK", driver.Say($"b {line}\r\n"), StringComparison.Ordinal);
        Assert.InRange(requests.Count(static r => r.Owner == Bob), least, int.MaxValue);
        foreach (var own in requests.Where(static r => r.Owner is null).Select(static r => r.Request))
        {
            Assert.False(FolderPlaces.IsOfSelected(own) || own is MailboxRequest.Select or MailboxRequest.Unselect or MailboxRequest.Copy or MailboxRequest.Replace or MailboxRequest.RenameFolder, own.ToString());
            if (own is not MailboxRequest.Subscribe) Assert.DoesNotContain("Other Users", own.ToString(), StringComparison.Ordinal);
        }

        // The owner knows its folders by their own names.
        Assert.All(requests.Where(static r => r.Owner is not null), static r => Assert.DoesNotContain("Other Users", r.Request.ToString(), StringComparison.Ordinal));
    }

    /// <summary>A mailbox forgets a session only when it is told; changes of the folder before must not reach the next one.</summary>
    [Fact]
    public void A_folder_is_unselected_in_its_mailbox_when_one_of_another_is_selected()
    {
        using var driver = Selected();
        var requests = new List<string>();
        driver.BeforeEffect = effect =>
        {
            if (effect is ImapEffect.RequestMailbox { Request: MailboxRequest.Select or MailboxRequest.Unselect } asked) requests.Add($"{asked.Request.GetType().Name} {asked.Owner?.Address}");
        };
        driver.Say("b SELECT INBOX\r\n");
        driver.Say($"c EXAMINE {Open}\r\n");
        driver.Say($"d SELECT {Team}\r\n");
        driver.Say("e SELECT \"Other Users/nobody@example.org/Team\"\r\n");
        Assert.Equal(
            ["Unselect bob@example.org", "Select ", "Unselect ", "Select bob@example.org", "Select bob@example.org", "Unselect bob@example.org", "Select nobody@example.org", "Unselect nobody@example.org"], requests);
    }

    [Theory]
    [InlineData("Other Users/bob@example.org/Team", true)]
    [InlineData("Shared Folders/office@example.org/INBOX/Late", true)]
    [InlineData("Other Users/BOB@EXAMPLE.ORG/inbox", true)]
    [InlineData("Other Users/bob@example.org", false)]
    [InlineData("Other Users/bob/Team", false)]
    [InlineData("Other Users", false)]
    [InlineData("Other Usersx/bob@example.org/Team", false)]
    [InlineData("other users/bob@example.org/Team", false)]
    [InlineData("Team/Other Users/bob@example.org/Team", false)]
    public void Only_names_with_an_address_and_a_folder_are_in_another_mailbox(string name, bool isOther) => Assert.Equal(isOther, SharedNames.TryRead(FolderName.Parse(name), out _, out _));

    private static ImapDriver Selected()
    {
        var driver = ImapDriver.SignedIn();
        var mailbox = driver.Sharing.Of("bob@example.org", isShared: false);
        foreach (var name in new[] { "Team", "Open", "Closed", "Team/New" })
        {
            if (name is "Team" or "Open") mailbox.Create(FolderName.Parse(name));
            mailbox.GuestRights![FolderName.Parse(name)] = FolderRights.All;
        }

        mailbox.Deliver("Team", "Subject: a\r\n\r\nb\r\n"u8.ToArray(), new MessageFlags(SystemFlags.Deleted));
        driver.Say($"a SELECT {Team}\r\n");
        return driver;
    }
}
