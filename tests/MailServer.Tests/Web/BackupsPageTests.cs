using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>The page of the backups on a running node: a backup, its verification, and restoring the mail of one account. Forms that are sent twice start one job.</summary>
public sealed partial class BackupsPageTests(BackedUpNode node) : IClassFixture<BackedUpNode>
{
    [Fact]
    public async Task A_backup_is_made_verified_and_gives_back_the_mail_of_one_account()
    {
        await node.CliAsync("user", "add", "eve@example.org", "--password", TestNode.Password);
        for (var i = 0; i < 3; i++) Assert.Equal(250, (await node.MailAsync("eve@example.org", $"letter {i}", "text")).Code);
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Contains("Last complete backup none", await TextAsync(ann), StringComparison.Ordinal);

        var run = await ann.FillAsync("/admin/backups", "/admin/backups/run", "");
        foreach (var answer in await Task.WhenAll(ann.SendAsync("/admin/backups/run", run), ann.SendAsync("/admin/backups/run", run))) Assert.Equal((303, "/admin/backups?live=yes"), (answer.Status, answer.Location));
        var page = await EndedAsync(ann);
        Assert.Contains("done Backup to " + node.Backups, page, StringComparison.Ordinal);
        var name = Name().Match(page).Value;
        Assert.Equal([name], Directory.GetDirectories(node.Backups).Select(Path.GetFileName));
        Assert.DoesNotContain("Last complete backup none", page, StringComparison.Ordinal);

        var verify = await ann.FillAsync("/admin/backups", "/admin/backups/verify", "name=" + name);
        foreach (var answer in await Task.WhenAll(ann.SendAsync("/admin/backups/verify", verify), ann.SendAsync("/admin/backups/verify", verify))) Assert.Equal(303, answer.Status);
        Assert.Contains($"done Verification of {name}", await EndedAsync(ann), StringComparison.Ordinal);

        // Two of three messages are lost; one comes back of each, with its content, and a second restore adds nothing.
        var folder = Directory.EnumerateFiles(Path.Combine(node.Folder, "data", "maildir"), "*", SearchOption.AllDirectories).Where(static f => f.Contains("/cur/", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, folder.Count);
        var lost = folder.Order(StringComparer.Ordinal).Take(2).Select(static f => (Path: f, Content: File.ReadAllBytes(f))).ToList();
        foreach (var file in lost) File.Delete(file.Path);
        var question = $"/admin/backups/restore?name={name}&address=eve%40example.org";
        Assert.Contains("Nothing is overwritten or removed", await ann.GetAsync(question), StringComparison.Ordinal);
        var restore = await ann.FillAsync(question, "/admin/backups/restore", "");
        foreach (var answer in await Task.WhenAll(ann.SendAsync("/admin/backups/restore", restore), ann.SendAsync("/admin/backups/restore", restore))) Assert.Equal(303, answer.Status);
        Assert.Contains("2 messages of eve@example.org restored; 1 of the backup was still there", await EndedAsync(ann), StringComparison.Ordinal);
        var now = Directory.EnumerateFiles(Path.Combine(node.Folder, "data", "maildir"), "*", SearchOption.AllDirectories).Where(static f => f.Contains("/cur/", StringComparison.Ordinal)).Select(File.ReadAllBytes).ToList();
        Assert.Equal(3, now.Count);
        Assert.All(lost, l => Assert.Contains(now, n => n.AsSpan().SequenceEqual(l.Content)));
        Assert.Contains("0 messages of eve@example.org restored; 3 of the backup were still there", await node.CliAsync("restore", node.Backups, "--account", "eve@example.org"), StringComparison.Ordinal);
        Assert.Contains("3 of the backup were still there", await node.CliAsync("backup", "status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_restored_is_told()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Contains("There is no backup", await ann.PostAsync("/admin/backups/verify", "name=missing"), StringComparison.Ordinal);
        Assert.Equal(422, (await ann.OpenAsync("/admin/backups/restore?name=x&address=nobody")).Status);
    }

    private static async Task<string> EndedAsync(PageVisitor visitor)
    {
        for (var tries = 0; ; tries++)
        {
            var text = await TextAsync(visitor);
            if (!text.Contains("Refresh every 5 seconds", StringComparison.Ordinal)) return text;
            Assert.True(tries < 200, text);
            await Task.Delay(100);
        }
    }

    private static async Task<string> TextAsync(PageVisitor visitor) => Blank().Replace(Tag().Replace(await visitor.GetAsync("/admin/backups"), " "), " ");

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Tag();

    [GeneratedRegex("\\s+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Blank();

    [GeneratedRegex("\\b\\d{8}T\\d{6}Z\\b", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Name();
}
