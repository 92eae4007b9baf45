using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>
/// All small files of the data directory, found by looking, are damaged at once in each way: the server starts, delivers, sends and serves the mailbox, and nothing is deleted
/// that could be of use. Databases, messages and the two files that decide whose folder it is have their own tests.
/// </summary>
public sealed class SmallFilesTests
{
    // The mailbox or the folder is unavailable without them, which UnusableFolderTests and FolderOwnerTests show.
    private static readonly string[] Deciding = ["folder.state", ".owner"];

    public static TheoryData<string> Damages => new("emptied", "cut in half", "overwritten", "removed", "a link", "a dangling link", "a FIFO", "a directory");

    [ClientTheory("mkfifo")]
    [MemberData(nameof(Damages))]
    public async Task The_server_starts_and_serves_whatever_happened_to_its_small_files(string damage)
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        await server.StartAsync();
        await server.DeliverAsync(TestMail.Text(user, "before"), user);
        Assert.Equal(0, await server.StopAsync());

        var files = Small(server).ToArray();
        Assert.Superset(new HashSet<string>(["lock", "srs.key", "sign-in.key", ".starts", "subscriptions", "mailbox.state"], StringComparer.Ordinal), files.Select(Path.GetFileName).ToHashSet(StringComparer.Ordinal)!);
        foreach (var file in files) await DamageAsync(file, damage, server.Folder);

        for (var start = 0; start < 2; start++)
        {
            await server.StartAsync();
            await server.DeliverAsync(TestMail.Text(user, $"after {start}"), user);
            var (client, inbox) = await server.InboxAsync(user);
            using (client)
            {
                Assert.Equal(start + 2, inbox.Count);
                Assert.Equal("before", (await inbox.GetMessageAsync(0)).Subject);
            }

            (await server.CliAsync("status")).Succeeded();
            Assert.Equal(0, await server.StopAsync());
        }

        // What was behind the links is as before.
        Assert.Equal("untouched", await File.ReadAllTextAsync(Outside(server.Folder)));
    }

    private static string Outside(string folder)
    {
        var outside = Path.Combine(folder, "outside");
        if (!File.Exists(outside)) File.WriteAllText(outside, "untouched");
        return outside;
    }

    private static IEnumerable<string> Small(ServerProcess server) => Directory
        .EnumerateFiles(Path.Combine(server.Folder, "data"), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Where(static file => !file.Contains(".db", StringComparison.Ordinal) && Path.GetFileName(Path.GetDirectoryName(file)) is not ("cur" or "new" or "dkim") && Path.GetFileName(file) is not "reserve")
        .Where(static file => !Deciding.Contains(Path.GetFileName(file), StringComparer.Ordinal))
        .ToArray();

    private static async Task DamageAsync(string file, string damage, string folder)
    {
        var content = await File.ReadAllBytesAsync(file);
        if (damage.StartsWith("a ", StringComparison.Ordinal) || damage == "removed") File.Delete(file);
        switch (damage)
        {
            case "emptied":
                await File.WriteAllBytesAsync(file, []);
                break;
            case "cut in half":
                await File.WriteAllBytesAsync(file, content[..(content.Length / 2)]);
                break;
            case "overwritten":
                await File.WriteAllBytesAsync(file, [.. content.Select(static (_, i) => (byte)(i * 7))]);
                break;
            case "a link":
                File.CreateSymbolicLink(file, Outside(folder));
                break;
            case "a dangling link":
                File.CreateSymbolicLink(file, "/nowhere/at/all");
                break;
            case "a FIFO":
                (await ProgramRun.StartAsync("mkfifo", [file])).Succeeded();
                break;
            case "a directory":
                Directory.CreateDirectory(Path.Combine(file, "full"));
                break;
        }
    }
}
