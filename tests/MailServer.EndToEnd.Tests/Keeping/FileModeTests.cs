using MailServer.EndToEnd.Tests.Dav;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Keeping;

/// <summary>Everything that the server and its commands make is for its own user alone, whatever the umask is.</summary>
public sealed class FileModeTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    [Fact]
    public async Task Under_a_umask_of_0000_every_file_that_is_made_is_private()
    {
        await using var server = await ServerProcess.CreateAsync(new ServerSettings(), umask: "0000");
        await server.StartAsync();
        var user = await server.AddUserAsync();
        await server.DeliverAsync(Letters.Text(user, "kept"), user);
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
        var made = Directory.EnumerateFileSystemEntries(Path.Combine(folder, "data"), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "made"), "*", SearchOption.AllDirectories)).ToList();
        Assert.True(made.Count > 40, $"only {made.Count} files were made");
        Assert.Empty(made.Where(static f => (File.GetUnixFileMode(f) & Others) != 0).Select(static f => $"{File.GetUnixFileMode(f)} {f}"));
    }
}
