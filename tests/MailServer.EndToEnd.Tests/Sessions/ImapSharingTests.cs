using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Folders shared between accounts of a running server, and shared mailboxes.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ImapSharingTests(SharedServer shared)
{
    private ServerProcess Server => shared.Server;

    [Fact]
    public async Task A_shared_folder_is_used_with_the_granted_rights_until_they_are_revoked()
    {
        var (owner, guest) = (await Server.AddUserAsync("owner"), await Server.AddUserAsync("guest"));
        await Server.DeliverAsync("Subject: one\r\n\r\nfirst\r\n", owner);
        await using var theirs = await SignInAsync(owner);
        await using var ours = await SignInAsync(guest);
        var inbox = $"\"Other Users/{owner}/INBOX\"";
        Assert.Contains("NO [NONEXISTENT]", Last(await ours.ImapAsync($"SELECT {inbox}")), StringComparison.Ordinal);
        Ok(await theirs.ImapAsync($"SETACL INBOX {guest} lrs"));
        Assert.Contains(await ours.ImapAsync("LIST \"\" *"), line => line.EndsWith(inbox, StringComparison.Ordinal));
        Assert.Contains("[READ-ONLY]", Last(Ok(await ours.ImapAsync($"SELECT {inbox}"))), StringComparison.Ordinal);
        Assert.Contains(Ok(await ours.ImapAsync("FETCH 1 (FLAGS BODY[TEXT])")), line => line == "first");
        Assert.Contains(Ok(await ours.ImapAsync("FETCH 1 FLAGS")), line => line.Contains("\\Seen", StringComparison.Ordinal));
        Ok(await theirs.ImapAsync("EXAMINE INBOX"));
        Assert.DoesNotContain(Ok(await theirs.ImapAsync("FETCH 1 FLAGS")), line => line.Contains("\\Seen", StringComparison.Ordinal));
        Assert.Contains("[NOPERM]", Last(await ours.ImapAsync("STORE 1 +FLAGS (\\Flagged)")), StringComparison.Ordinal);
        Assert.Contains("[NOPERM]", Last(await ours.ImapAsync("EXPUNGE")), StringComparison.Ordinal);
        Assert.Contains("[NOPERM]", Last(await ours.ImapAsync($"GETACL {inbox}")), StringComparison.Ordinal);

        // New mail is told at once, and so is the end of the rights.
        Assert.StartsWith("+", Last(await ours.ImapAsync("IDLE")), StringComparison.Ordinal);
        await Server.DeliverAsync("Subject: two\r\n\r\nsecond\r\n", owner);
        Assert.Equal("* 2 EXISTS", await ours.ReadLineAsync());
        Ok(await theirs.ImapAsync($"SETACL INBOX {guest} -r"));
        Assert.StartsWith("* BYE", await LineOfAsync(ours, "* BYE"), StringComparison.Ordinal);
        await using var again = await SignInAsync(guest);
        Assert.Contains("NO [NOPERM]", Last(await again.ImapAsync($"SELECT {inbox}")), StringComparison.Ordinal);
        Ok(await theirs.ImapAsync($"DELETEACL INBOX {guest}"));
        Assert.Contains("NO [NONEXISTENT]", Last(await again.ImapAsync($"SELECT {inbox}")), StringComparison.Ordinal);
        Assert.DoesNotContain(await again.ImapAsync("LIST \"\" *"), line => line.Contains(owner, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_are_copied_and_moved_between_two_mailboxes()
    {
        var (owner, guest) = (await Server.AddUserAsync("owner"), await Server.AddUserAsync("guest"));
        await Server.DeliverAsync("Subject: one\r\n\r\nfirst\r\n", owner);
        await Server.DeliverAsync("Subject: two\r\n\r\nsecond\r\n", guest);
        await using var theirs = await SignInAsync(owner);
        await using var ours = await SignInAsync(guest);
        var inbox = $"\"Other Users/{owner}/INBOX\"";
        Ok(await theirs.ImapAsync($"SETACL INBOX {guest} lri"));
        Ok(await ours.ImapAsync($"SELECT {inbox}"));
        Assert.Contains("[COPYUID", Last(Ok(await ours.ImapAsync("COPY 1 Archive"))), StringComparison.Ordinal);
        Assert.Contains("[NOPERM]", Last(await ours.ImapAsync("MOVE 1 Archive")), StringComparison.Ordinal);
        Ok(await theirs.ImapAsync($"SETACL INBOX {guest} +te"));
        Ok(await ours.ImapAsync("MOVE 1 Archive"));
        Assert.Contains(Ok(await theirs.ImapAsync("STATUS INBOX (MESSAGES)")), static line => line.EndsWith("(MESSAGES 0)", StringComparison.Ordinal));
        Ok(await ours.ImapAsync("SELECT INBOX"));
        Ok(await ours.ImapAsync($"MOVE 1 {inbox}"));
        Assert.Contains(Ok(await ours.ImapAsync("STATUS INBOX (MESSAGES)")), static line => line.EndsWith("(MESSAGES 0)", StringComparison.Ordinal));
        Ok(await ours.ImapAsync("SELECT Archive"));
        Assert.Equal(2, Ok(await ours.ImapAsync("FETCH 1:* BODY.PEEK[TEXT]")).Count(static line => line == "first"));
        Ok(await theirs.ImapAsync("SELECT INBOX"));
        Assert.Contains(Ok(await theirs.ImapAsync("FETCH 1 BODY.PEEK[TEXT]")), static line => line == "second");
        // The spool keeps nothing.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Server.Folder, "data", "spool"), "*copy*"));
    }

    [Fact]
    public async Task A_shared_mailbox_gets_mail_and_is_read_by_those_with_rights_but_nobody_signs_in_to_it()
    {
        var guest = await Server.AddUserAsync("guest");
        var office = $"office{Guid.NewGuid().ToString("N")[..8]}@{Server.Domain}";
        (await Server.CliAsync("shared", "add", office)).Succeeded();
        Assert.Contains(office, (await Server.CliAsync("shared", "list", "--json")).Succeeded().Output, StringComparison.Ordinal);
        (await Server.CliAsync("shared", "grant", office, "INBOX", guest, "lrswite")).Succeeded();
        Assert.Contains("lrswite", (await Server.CliAsync("shared", "rights", office)).Succeeded().Output, StringComparison.Ordinal);
        Assert.NotEqual(0, (await Server.CliAsync("user", "passwd", office, "--password", "another horse 7")).ExitCode);
        Assert.NotEqual(0, (await Server.CliAsync("shared", "grant", office, "INBOX", "nobody@" + Server.Domain, "lr")).ExitCode);
        Assert.NotEqual(0, (await Server.CliAsync("shared", "remove", guest)).ExitCode);
        await Server.DeliverAsync("Subject: order\r\n\r\nten\r\n", office);
        await using var ours = await SignInAsync(guest);
        Ok(await ours.ImapAsync($"SELECT \"Shared Folders/{office}/INBOX\""));
        Assert.Contains(Ok(await ours.ImapAsync("FETCH 1 BODY[TEXT]")), static line => line == "ten");
        Ok(await ours.ImapAsync("STORE 1 +FLAGS (\\Deleted)"));
        await using (var stranger = await WireClient.ConnectAsync(Server.Ports.Imaps, tls: true))
        {
            await stranger.ReadLineAsync();
            Assert.Contains(" NO ", Last(await stranger.ImapAsync($"LOGIN {office} \"{ServerProcess.Password}\"")), StringComparison.Ordinal);
        }

        (await Server.CliAsync("shared", "revoke", office, "INBOX", guest)).Succeeded();
        Assert.StartsWith("* BYE", await LineOfAsync(ours, "* BYE"), StringComparison.Ordinal);
        (await Server.CliAsync("shared", "remove", office)).Succeeded();
        Assert.DoesNotContain(office, (await Server.CliAsync("shared", "list", "--json")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_account_does_not_inherit_the_rights_of_a_removed_one()
    {
        var (owner, guest) = (await Server.AddUserAsync("owner"), await Server.AddUserAsync("guest"));
        await using var theirs = await SignInAsync(owner);
        Ok(await theirs.ImapAsync($"SETACL INBOX {guest} lr"));
        (await Server.CliAsync("user", "remove", guest)).Succeeded();
        (await Server.CliAsync("user", "add", guest, "--password", ServerProcess.Password)).Succeeded();
        await using var ours = await SignInAsync(guest);
        Assert.Contains("NO [NONEXISTENT]", Last(await ours.ImapAsync($"SELECT \"Other Users/{owner}/INBOX\"")), StringComparison.Ordinal);
        Assert.DoesNotContain(await ours.ImapAsync("LIST \"\" *"), line => line.Contains(owner, StringComparison.Ordinal));
        Ok(await theirs.ImapAsync($"SETACL INBOX {guest} lr"));
        Ok(await ours.ImapAsync($"SELECT \"Other Users/{owner}/INBOX\""));
    }

    [Fact]
    public async Task Mail_for_a_subaddress_reaches_a_folder_to_which_anyone_may_post()
    {
        var owner = await Server.AddUserAsync("owner");
        await using var theirs = await SignInAsync(owner);
        Ok(await theirs.ImapAsync("CREATE Lists"));
        var address = owner.Replace("@", "+lists@", StringComparison.Ordinal);
        await Server.DeliverAsync("Subject: a\r\n\r\na\r\n", address);
        Ok(await theirs.ImapAsync("SETACL Lists anyone p"));
        await Server.DeliverAsync("Subject: b\r\n\r\nb\r\n", address);
        foreach (var folder in new[] { "INBOX", "Lists" })
            Assert.Contains(Ok(await theirs.ImapAsync($"STATUS {folder} (MESSAGES)")), static line => line.EndsWith("(MESSAGES 1)", StringComparison.Ordinal));
    }

    private async Task<WireClient> SignInAsync(string user)
    {
        var wire = await WireClient.ConnectAsync(Server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        Ok(await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\""));
        return wire;
    }

    private static async Task<string?> LineOfAsync(WireClient wire, string start)
    {
        string? line;
        do line = await wire.ReadLineAsync();
        while (line is not null && !line.StartsWith(start, StringComparison.Ordinal));
        return line;
    }

    private static string Last(IReadOnlyList<string> lines) => lines[^1];

    private static IReadOnlyList<string> Ok(IReadOnlyList<string> lines)
    {
        Assert.Contains(" OK ", lines[^1], StringComparison.Ordinal);
        return lines;
    }
}
