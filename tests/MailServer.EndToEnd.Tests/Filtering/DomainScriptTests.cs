using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Filtering;

/// <summary>Scripts of a domain, which run before and after those of its accounts, and can be included by them.</summary>
public sealed class DomainScriptTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("domain-sieve-").FullName;
    private ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.StartNewAsync(new ServerSettings());

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_scripts_of_a_domain_run_around_those_of_its_accounts_only()
    {
        var (ann, domain) = (await _server.AddUserAsync(), "@" + _server.Domain);
        (await _server.CliAsync("domain", "add", "other.test")).Succeeded();
        (await _server.CliAsync("user", "add", "ben@other.test", "--password", ServerProcess.Password)).Succeeded();
        await PutAsync(domain, "before", "require [\"fileinto\", \"mailbox\"]; if header :contains \"subject\" \"first\" { fileinto :create \"First\"; }");
        await PutAsync(domain, "after", "require [\"fileinto\", \"mailbox\"]; if header :contains \"subject\" \"all\" { fileinto :create \"Last\"; }");
        await PutAsync(domain, "common", "require [\"fileinto\", \"mailbox\"]; if header :contains \"subject\" \"common\" { fileinto :create \"Common\"; }");
        await PutAsync(ann, "main", "require \"include\"; include :global \"common\"; if header :contains \"subject\" \"drop\" { discard; }", "--activate");
        foreach (var subject in (string[])["first drop", "common all", "drop all", "plain all", "plain"])
            foreach (var user in (string[])[ann, "ben@other.test"]) await _server.DeliverAsync(TestMail.Text(user, subject), user);
        Assert.Equal("Common First INBOX Last", await FoldersAsync(ann));
        Assert.Equal("INBOX INBOX INBOX INBOX INBOX", await FoldersAsync("ben@other.test"));

        // A replaced script decides about the next message; one that was removed about none.
        await PutAsync(domain, "before", "discard;");
        await _server.DeliverAsync(TestMail.Text(ann, "first again"), ann);
        Assert.Equal("Common First INBOX Last", await FoldersAsync(ann));
        foreach (var name in (string[])["before", "after", "common"]) (await _server.CliAsync("sieve", "delete", domain, name)).Succeeded();
        await _server.DeliverAsync(TestMail.Text(ann, "first"), ann);
        // The missing script is an error, which keeps the message and tells the user.
        Assert.Equal("Common First INBOX INBOX INBOX Last", await FoldersAsync(ann));
    }

    [Fact]
    public async Task They_are_managed_with_and_without_a_server_and_are_in_the_backup()
    {
        var domain = "@" + _server.Domain;
        await PutAsync(domain, "before", "keep;");
        var bad = await TryPutAsync(domain, "before", "if header { }");
        Assert.NotEqual(0, bad.ExitCode);
        Assert.Contains("before:1:", bad.Error, StringComparison.Ordinal);
        Assert.Contains("is not hosted here", (await TryPutAsync("@missing.test", "before", "keep;")).Error, StringComparison.Ordinal);
        Assert.Contains("none is active", (await TryPutAsync(domain, "before", "keep;", "--activate")).Error, StringComparison.Ordinal);
        Assert.Contains("before", (await _server.CliAsync("sieve", "list", domain)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("keep;", (await _server.CliAsync("sieve", "get", domain, "before")).Succeeded().Output);
        (await _server.CliAsync("sieve", "rename", domain, "before", "spare")).Succeeded();
        Assert.Contains("sieve.renamed", (await _server.CliAsync("audit")).Succeeded().Output, StringComparison.Ordinal);
        var backup = Path.Combine(_folder, "backup");
        (await _server.CliAsync("backup", backup)).Succeeded();
        Assert.Single(Directory.GetFiles(backup, "spare.sieve", SearchOption.AllDirectories));
        await _server.StopAsync();
        Assert.Equal("keep;", (await _server.CliAsync("sieve", "get", domain, "spare")).Succeeded().Output);
        await PutAsync(domain, "spare", "stop;");
        Assert.Equal("stop;", (await _server.CliAsync("sieve", "get", domain, "spare")).Succeeded().Output);
        (await _server.CliAsync("sieve", "delete", domain, "spare")).Succeeded();
    }

    [Fact]
    public async Task A_damaged_script_of_the_domain_keeps_the_mail_and_a_script_of_another_domain_cannot_be_included()
    {
        var (ann, domain) = (await _server.AddUserAsync(), "@" + _server.Domain);
        (await _server.CliAsync("domain", "add", "other.test")).Succeeded();
        await PutAsync("@other.test", "secret", "discard;");
        foreach (var name in (string[])["secret", "../other.test/secret", "..", "/etc/passwd"])
        {
            await PutAsync(ann, "main", $"require \"include\"; include :global :optional \"{name}\"; keep;", "--activate");
            await _server.DeliverAsync(TestMail.Text(ann, "kept"), ann);
        }

        Assert.Equal("INBOX INBOX INBOX INBOX", await FoldersAsync(ann));
        await PutAsync(domain, "before", "discard;");
        var file = Directory.GetFiles(_server.Folder, "before.sieve", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(file, "discard; this is not sieve");
        await _server.DeliverAsync(TestMail.Text(ann, "kept"), ann);
        // The message, and the one that tells of the error.
        Assert.Equal("INBOX INBOX INBOX INBOX INBOX INBOX", await FoldersAsync(ann));
    }

    private async Task PutAsync(string owner, string name, string script, params string[] options) => (await TryPutAsync(owner, name, script, options)).Succeeded();

    private async Task<ProgramRun> TryPutAsync(string owner, string name, string script, params string[] options)
    {
        var file = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".sieve");
        await File.WriteAllTextAsync(file, script);
        return await _server.CliAsync(["sieve", "put", owner, name, file, .. options]);
    }

    private async Task<string> FoldersAsync(string user)
    {
        using var client = await _server.ImapAsync(user);
        var found = new List<string>();
        foreach (var folder in await client.GetFoldersAsync(client.PersonalNamespaces[0]))
        {
            if (folder.Attributes.HasFlag(MailKit.FolderAttributes.NonExistent) || folder.Attributes.HasFlag(MailKit.FolderAttributes.NoSelect)) continue;
            await folder.OpenAsync(MailKit.FolderAccess.ReadOnly);
            found.AddRange(Enumerable.Repeat(folder.FullName, folder.Count));
        }

        return string.Join(' ', found.Order(StringComparer.Ordinal));
    }
}
