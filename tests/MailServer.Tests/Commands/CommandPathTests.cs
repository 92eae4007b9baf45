using System.CommandLine;

namespace MailServer.Tests.Commands;

/// <summary>
/// A symbolic link that a user names in a command is followed, for every argument and option with a path. Links that lie inside what was named belong to somebody else
/// and are not followed (see the tests of each source).
/// </summary>
[Trait("Speed", "Slow")]
public sealed class CommandPathTests
{
    private const string User = "ann@example.org";
    private const string Event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260102T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    private const string Mail = "From: a@example.org\nSubject: one\n\nx\n";

    /// <summary>The paths of the command line: how the thing is made, and how the command is called with it.</summary>
    private static readonly Dictionary<string, Usage> Usages = new(StringComparer.Ordinal)
    {
        ["--config"] = new(static (s, path) => File.Copy(s.Config, path), static path => ["config", "check", "--config", path]) { IsExact = true },
        ["import mbox FILE"] = new(static (_, path) => File.WriteAllText(path, "From a@b.example Sat May  4 03:02:01 2019\n" + Mail), static path => ["import", "mbox", path, "--account", User]),
        ["import maildir DIR"] = new(MakeMaildir, static path => ["import", "maildir", path, "--account", User, "--report", path + ".report"]),
        ["import imap --source-password-file"] = new(static (_, path) => File.WriteAllText(path, "secret"), static path => ["import", "imap", "imaps://ann@127.0.0.1:1", "--account", User, "--source-password-file", path]),
        ["import imap --ca-file"] = new(static (_, path) => File.WriteAllText(path, "no certificate"), static path => ["import", "imap", "imaps://ann@127.0.0.1:1", "--account", User, "--source-password-file", "/dev/null", "--ca-file", path]) { MayBeMissing = true },
        ["dav import FILE"] = new(static (_, path) => File.WriteAllText(path, Event), static path => ["dav", "import", User, "calendar", path, "--json"]),
        ["dav export --output"] = new(static (_, path) => File.WriteAllText(path, "old"), static path => ["dav", "export", User, "calendar", "--output", path]) { MayBeMissing = true, Writes = true },
        ["export DIR"] = new(MakeMailToExport, static path => ["export", path, "--account", User]) { MayBeMissing = true, Writes = true },
        ["backup DIR"] = new(static (_, path) => Directory.CreateDirectory(path), static path => ["backup", path, "--json"]) { MayBeMissing = true, Writes = true, HasTime = true },
        ["backup verify DIR"] = new(MakeBackup, static path => ["backup", "verify", path]) { HasTime = true },
        ["backup list DIR"] = new(MakeBackup, static path => ["backup", "list", path]) { HasTime = true },
        ["restore DIR"] = new(MakeBackupOfLostData, static path => ["restore", path]) { HasTime = true },
        ["dkim verify FILE"] = new(static (_, path) => File.WriteAllText(path, Mail), static path => ["dkim", "verify", path]),
        ["dmarc check FILE"] = new(static (_, path) => File.WriteAllText(path, "Subject: no author\n\nx\n"), static path => ["dmarc", "check", path]),
        ["arc verify FILE"] = new(static (_, path) => File.WriteAllText(path, Mail), static path => ["arc", "verify", path]),
        ["user import FILE"] = new(static (_, path) => File.WriteAllText(path, "address\nimported@example.org\n"), static path => ["user", "import", path, "--dry-run"]),
        ["sieve check FILE"] = new(static (_, path) => File.WriteAllText(path, "kep;"), static path => ["sieve", "check", path]),
        ["sieve put FILE"] = new(static (_, path) => File.WriteAllText(path, "kep;"), static path => ["sieve", "put", User, "main", path]),
        ["man DIR"] = new(static (_, path) => Directory.CreateDirectory(path), static path => ["man", path]),
        ["setup --data-dir"] = new(static (_, path) => Directory.CreateDirectory(path), static path => SetUp(path)) { MayBeMissing = true, Writes = true, IsExact = true, HasTime = true },
    };

    /// <summary>Paths without a row, and why.</summary>
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["import maildir --report"] = "names a new file, so an existing link is refused: see ImportCommandTests",
        ["import mbox --report"] = "as above",
        ["import imap --report"] = "as above",
        ["localserve --data-dir"] = "starts a server; its data directory is opened like that of serve, through links",
        ["setup --systemd-unit"] = "overwritten in place, which follows links; needs the shipped unit",
    };

    public static TheoryData<string> Rows => [.. Usages.Keys];

    [Fact]
    public void Every_path_of_the_command_line_has_a_row()
    {
        var paths = CommandTree.Runnable.SelectMany(static command => Paths(CommandTree.All[command]).Select(path => $"{command} {path}")).Append("--config");
        Assert.Equal(paths.Order(StringComparer.Ordinal), Usages.Keys.Concat(Others.Keys).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_link_that_the_user_names_is_followed(string row)
    {
        var usage = Usages[row];
        var direct = await RunAsync(usage, static (path, named) => Directory.Move(path, named));
        var linked = await RunAsync(usage, static (path, named) => File.CreateSymbolicLink(named, path));
        var chained = await RunAsync(usage, static (path, named) =>
        {
            File.CreateSymbolicLink(named + ".next", Path.GetFileName(path));
            File.CreateSymbolicLink(named, Path.GetFileName(named) + ".next");
        });
        Assert.Equal(direct, linked);
        Assert.Equal(direct, chained);
        if (!usage.MayBeMissing) Assert.NotEqual(direct, await RunAsync(usage, static (path, _) => Directory.Move(path, path + ".elsewhere")));
    }

    private static async Task<string> RunAsync(Usage usage, Action<string, string> name)
    {
        using var server = new CommandRunner();
        await server.SetUpAsync(User);
        var (path, named) = (Path.Combine(server.Folder, "real"), Path.Combine(server.Folder, "named"));
        usage.Make(server, path);
        name(path, named);
        var run = usage.IsExact ? await server.RunExactlyAsync("", usage.Arguments(named)) : await server.RunAsync(usage.Arguments(named));
        // What is written arrives behind the link, and the link remains.
        var isWritten = !usage.Writes || (Directory.Exists(named) ? Directory.EnumerateFileSystemEntries(named).Any() : await File.ReadAllTextAsync(named) != "old");
        var isLink = new FileInfo(named).LinkTarget is not null || !Path.Exists(path);
        var said = $"{run.Code}\n{run.Out}\n{run.Error}".Replace(server.Folder, "FOLDER", StringComparison.Ordinal);
        if (usage.HasTime) said = System.Text.RegularExpressions.Regex.Replace(said, @"\d{8}T\d{6}Z|""(new_)?(files|bytes)"": *\d+|p=[A-Za-z0-9+/=""\s]+", "");
        return $"{said}\nwritten: {isWritten}, link kept: {isLink}";
    }

    private static IEnumerable<string> Paths(Command command) =>
    [
        .. command.Arguments.Where(static a => a.Name is "FILE" or "DIR").Select(static a => a.Name),
        .. command.Options.Where(static o => o.HelpName is "FILE" or "DIR").Select(static o => o.Name),
    ];

    private static void MakeMaildir(CommandRunner server, string path)
    {
        foreach (var part in new[] { "cur", "new", "tmp" }) Directory.CreateDirectory(Path.Combine(path, part));
        File.WriteAllText(Path.Combine(path, "cur", "1.a:2,S"), Mail);
        // Somebody else put a link inside.
        File.CreateSymbolicLink(Path.Combine(path, "cur", "2.b:2,S"), server.Config);
    }

    private static void MakeMailToExport(CommandRunner server, string path)
    {
        var mail = Path.Combine(server.Folder, "mail");
        File.WriteAllText(mail, "From a@b.example Sat May  4 03:02:01 2019\n" + Mail);
        Assert.Equal(0, server.RunAsync("import", "mbox", mail, "--account", User).GetAwaiter().GetResult().Code);
        Directory.CreateDirectory(path);
    }

    private static void MakeBackup(CommandRunner server, string path) => Assert.Equal(0, server.RunAsync("backup", path).GetAwaiter().GetResult().Code);

    private static void MakeBackupOfLostData(CommandRunner server, string path)
    {
        MakeBackup(server, path);
        Directory.Delete(server.Data, recursive: true);
    }

    private static string[] SetUp(string path) =>
        ["setup", "--non-interactive", "--domain", "example.net", "--user", "ben@example.net", "--password", "correct horse 9", "--no-certificates", "--data-dir", path, "--config", Path.Combine(Path.GetDirectoryName(path)!, "new.yaml")];

    private sealed record Usage(Action<CommandRunner, string> Make, Func<string, string[]> Arguments)
    {
        /// <summary>Whether the command succeeds alike without the thing.</summary>
        public bool MayBeMissing { get; init; }

        /// <summary>Whether the command writes to it.</summary>
        public bool Writes { get; init; }

        /// <summary>Whether the arguments include --config.</summary>
        public bool IsExact { get; init; }

        /// <summary>Whether the output has times, sizes or keys that differ each time.</summary>
        public bool HasTime { get; init; }
    }
}
