using MailServer.EndToEnd.Tests.Dav;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary>Every file that the server and its commands create is private to its user, whatever the umask is.</summary>
public sealed class FileModeTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Created by the test, and by the shell that it starts the server with.
    private static readonly string[] OfTest = ["config.yaml", "old.mbox", "output.log", "made"];

    [Fact]
    public async Task With_umask_0000_every_created_file_is_private()
    {
        await using var server = await ServerProcess.CreateAsync(new ServerSettings(), umask: "0000");
        // The .NET runtime creates sockets and pipes in the temporary folder before our code runs.
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(server.Folder, "tmp"), Owner).FullName });
        File.Move(Path.Combine(server.Folder, "server.log"), Path.Combine(server.Folder, "server.log.1"));
        var user = await server.AddUserAsync();
        await server.DeliverAsync(TestMail.Text(user, "kept"), user);
        using (var calendar = new DavClient(server, user)) (await calendar.SendAsync("PUT", calendar.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        string At(string name) => Path.Combine(server.Folder, "made", name);
        Directory.CreateDirectory(Path.Combine(server.Folder, "made"));
        var mbox = Path.Combine(server.Folder, "old.mbox");
        await File.WriteAllTextAsync(mbox, "From a@b.example Sat May  4 03:02:01 2019\nSubject: one\n\nx\n");
        await RunAsync("backup", At("backups"));
        await RunAsync("export", At("maildir"), "--account", user);
        await RunAsync("export", At("mbox"), "--account", user, "--format", "mbox");
        await RunAsync("dav", "export", user, "calendar", "--output", At("calendar.ics"));
        await RunAsync("import", "mbox", mbox, "--account", user);
        await RunAsync("dkim", "rotate", server.Domain);
        await RunAsync("check");
        // The server looks for a renamed log when it writes a line.
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                await server.DeliverAsync(TestMail.Text(user, "noted"), user);
                return File.Exists(Path.Combine(server.Folder, "server.log"));
            },
            "the log is reopened");
        Assert.Equal(0, await server.StopAsync());
        await RunAsync("backup", At("stopped"));
        await RunAsync("import", "mbox", mbox, "--account", user, "--folder", "Stopped");
        AssertPrivate(server.Folder);
        Directory.Delete(Path.Combine(server.Folder, "data"), recursive: true);
        await RunAsync("restore", At("backups"));
        AssertPrivate(server.Folder);

        async Task RunAsync(params string[] arguments) => (await server.CliAsync(arguments)).Succeeded();
    }

    private static void AssertPrivate(string folder)
    {
        var made = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Where(f => !OfTest.Contains(Path.GetRelativePath(folder, f), StringComparer.Ordinal)).ToList();
        Assert.All(["server.log", "server.log.1", "acme", "data"], name => Assert.Contains(Path.Combine(folder, name), made));
        Assert.True(made.Count > 40, $"only {made.Count} files were made");
        Assert.Empty(made.Where(static f => (File.GetUnixFileMode(f) & Others) != 0).Select(static f => $"{File.GetUnixFileMode(f)} {f}"));
    }
}
