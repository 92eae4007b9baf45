using MailServer.Commands;
using MailServer.Configuration;
using MailServer.Storage.SafeFiles;

namespace MailServer.Tests.Commands;

/// <summary>Root runs commands for a server that runs as another user: the server owns what they write.</summary>
public sealed class ServiceFilesTests : IDisposable
{
    private const uint ServiceUser = 65534;

    private readonly CommandRunner _server = new();

    public static TheoryData<string> Writing => [.. DataAccess.Commands.Where(static c => DataAccess.Of(c) is not (DataAccessMode.None or DataAccessMode.RunningServer or DataAccessMode.RunsServer))];

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(Writing))]
    public void Every_command_that_writes_data_or_keys_gives_them_to_the_service(string command)
    {
        var options = ConfigurationLoader.Load(_server.Config, new System.Collections.Hashtable());
        var written = ServiceFiles.WrittenBy(DataAccess.Of(command), options, _server.Config, holdsLock: true);
        Assert.Contains(written, w => w.Path == options.Storage.DataDir);
        Assert.True(written.Any(w => w.Path == options.KeyDirectory) || written.Contains((options.Storage.DataDir, true)));
        if (DataAccess.Of(command) is DataAccessMode.ConfigurationFiles) Assert.Contains((_server.Config, false), written);
        if (DataAccess.Of(command) is DataAccessMode.ServerOrLock or DataAccessMode.ExclusiveLock) Assert.Contains((options.Storage.DataDir, true), written);
    }

    [Fact]
    public async Task After_each_command_no_file_of_the_server_belongs_to_root()
    {
        await _server.DoneAsync("migrate");
        if (!Environment.IsPrivilegedProcess)
        {
            // Without root there is nobody to give files to, and every file has the right owner already.
            Assert.Null(FileOwnership.ServiceUserOf(_server.Data));
            return;
        }

        FileOwnership.Give(_server.Data, (ServiceUser, ServiceUser), isRecursive: true);
        Assert.Equal((ServiceUser, ServiceUser), FileOwnership.ServiceUserOf(_server.Data));
        var mbox = Path.Combine(_server.Folder, "old.mbox");
        await File.WriteAllTextAsync(mbox, "From a@b.example Sat May  4 03:02:01 2019\nFrom: a@b.example\nMessage-ID: <1@b.example>\n\nbody\n\n");
        var calendar = Path.Combine(_server.Folder, "old.ics");
        await File.WriteAllTextAsync(calendar, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        var backups = Directory.CreateDirectory(Path.Combine(_server.Folder, "backups")).FullName;
        string[][] commands =
        [
            ["domain", "add", "example.org"], ["user", "add", "ann@example.org", "--password", "correct horse 9"], ["alias", "add", "info@example.org", "ann@example.org"],
            ["dkim", "generate", "--domain", "example.org", "--selector", "second"], ["dkim", "rotate", "example.org"], ["dkim", "activate", "example.org"],
            ["import", "mbox", mbox, "--account", "ann@example.org"], ["dav", "import", "ann@example.org", "calendar", calendar], ["check"], ["backup", backups],
            ["user", "app-password", "add", "ann@example.org", "phone"],
        ];
        foreach (var command in commands)
        {
            Assert.Equal((0, command[0]), ((await _server.RunAsync(command)).Code, command[0]));
            Assert.Empty(OfRoot(_server.Data));
        }

        Assert.True(Directory.EnumerateFiles(_server.Data, "*", SearchOption.AllDirectories).Count() > 10);
        Assert.Equal(0u, FileStat.Find(mbox)!.Value.User);
    }

    [Fact]
    public void Links_and_files_of_others_keep_their_owner()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_server.Folder, "tree", "sub")).Parent!.FullName;
        var outside = Path.Combine(_server.Folder, "outside");
        File.WriteAllText(outside, "x");
        File.WriteAllText(Path.Combine(folder, "sub", "own"), "x");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), outside);
        Directory.CreateSymbolicLink(Path.Combine(folder, "folder-link"), _server.Folder);
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Null(FileOwnership.ServiceUserOf(folder));
            return;
        }

        FileOwnership.Give(folder, (ServiceUser, ServiceUser), isRecursive: true);
        Assert.Equal(ServiceUser, FileStat.Find(Path.Combine(folder, "sub", "own"))!.Value.User);
        Assert.Equal(ServiceUser, FileStat.Find(folder)!.Value.User);
        Assert.Equal(0u, FileStat.Find(outside)!.Value.User);
        Assert.Equal(0u, FileStat.Find(_server.Config)!.Value.User);
    }

    private static IEnumerable<string> OfRoot(string folder) => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
        .Prepend(folder).Where(static path => FileStat.Find(path) is { User: 0 });
}
