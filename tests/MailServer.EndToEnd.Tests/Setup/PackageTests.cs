using System.Text.Json;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>The Debian package and the container files.</summary>
public sealed partial class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClientFact("dpkg-deb", "dpkg", "systemd-sysusers")]
    public async Task The_package_installs_runs_upgrades_downgrades_and_removes_everything_but_the_mail()
    {
        var built = await ProgramRun.StartAsync(Path.Combine(ProjectPaths.Root, "deploy/package.sh"), ["--from", Path.GetDirectoryName(ProjectPaths.Executable)!, "--out", _folder], timeout: TimeSpan.FromMinutes(5));
        built.Succeeded();
        var package = Assert.Single(Directory.GetFiles(_folder, "*.deb"));
        Assert.Contains("Package: mailserver", (await ProgramRun.StartAsync("dpkg-deb", ["--info", package])).Succeeded().Output, StringComparison.Ordinal);
        var contents = (await ProgramRun.StartAsync("dpkg-deb", ["--contents", package])).Succeeded().Output;
        Assert.All(
            ["./usr/bin/mailserver", "./usr/lib/systemd/system/mailserver.service", "./etc/mailserver/", "./etc/logrotate.d/mailserver", "./usr/share/doc/mailserver/config.example.yaml", "./usr/share/doc/mailserver/copyright", "./usr/share/doc/mailserver/changelog.gz", "./usr/share/man/man1/mailserver.1.gz", "./usr/share/man/man1/mailserver-user.1.gz", "./usr/share/bash-completion/completions/mailserver", "./usr/share/zsh/vendor-completions/_mailserver", "./usr/share/fish/vendor_completions.d/mailserver.fish"],
            f => Assert.Contains(f, contents, StringComparison.Ordinal));
        Assert.DoesNotContain(".pdb", contents, StringComparison.Ordinal);
        var version = (await ProgramRun.StartAsync("dpkg-deb", ["--field", package, "Version"])).Succeeded().Output.Trim();
        Assert.StartsWith($"mailserver {version} (commit ", (await ProgramRun.StartAsync(ProjectPaths.Executable, ["--version"])).Succeeded().Output, StringComparison.Ordinal);
        await OnlyKnownComplaintsAsync(package);
        if (!Environment.IsPrivilegedProcess) return;

        var root = EmptyRoot();
        var older = await RepackAsync(package, "0.0.9");
        await InstallAsync(root, older);
        Assert.Contains("mailserver:", await File.ReadAllTextAsync(Path.Combine(root, "etc/passwd")), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(root, "var/lib/mailserver")));
        string[] own = ["etc/mailserver/config.yaml", "var/lib/mailserver/mail.db", "var/log/mailserver/server.log"];
        foreach (var file in own)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            await File.WriteAllTextAsync(Path.Combine(root, file), "ours");
        }

        // Upgrade and downgrade: the administrator's configuration stays.
        (await ProgramRun.StartAsync("dpkg", ["--compare-versions", version, "gt", "0.0.9"])).Succeeded();
        foreach (var (next, expected) in new[] { (package, version), (older, "0.0.9"), (package, version) })
        {
            await InstallAsync(root, next);
            Assert.Equal($"{expected} install ok installed", (await DpkgQueryAsync(root)).Output.Trim());
            Assert.All(own, f => Assert.Equal("ours", File.ReadAllText(Path.Combine(root, f))));
        }

        Assert.Empty(DeadLinks(Path.Combine(root, "usr/share/doc/mailserver")));
        Assert.StartsWith("mailserver ", (await ProgramRun.StartAsync(Path.Combine(root, "usr/bin/mailserver"), ["version"])).Succeeded().Output, StringComparison.Ordinal);
        await DpkgAsync(root, "--remove", "mailserver");
        Assert.All(own, f => Assert.True(File.Exists(Path.Combine(root, f)), f));
        Assert.False(Directory.Exists(Path.Combine(root, "usr/lib/mailserver")));

        Assert.Contains("mail and keys are still in /var/lib/mailserver", (await DpkgAsync(root, "--purge", "mailserver")).Everything, StringComparison.Ordinal);
        Assert.Equal([false, true, false], own.Select(f => File.Exists(Path.Combine(root, f))));
        Assert.False(Directory.Exists(Path.Combine(root, "etc/mailserver")));

        await InstallAsync(root, package);
        await DpkgAsync(root, "--purge", "mailserver", ("MAILSERVER_PURGE_DATA", "yes"));
        Assert.False(Directory.Exists(Path.Combine(root, "var/lib/mailserver")));
    }

    [Fact]
    public async Task Versions_sort_in_the_order_of_commits_and_tags()
    {
        // A tag, commits after it, the next tag; and a build without a history.
        string[] ordered = ["0.0.9", "0.1.0", "0.1.0+git9.fffffff", "0.1.0+git10.0000000", "0.1.0+git377.fbd5ea0", "0.1.1", "0.2.0", "0.10.0"];
        if (!File.Exists("/usr/bin/dpkg")) return;
        foreach (var (before, after) in ordered.Zip(ordered.Skip(1))) (await ProgramRun.StartAsync("dpkg", ["--compare-versions", before, "lt", after])).Succeeded();
    }

    [Fact]
    public void The_licence_of_every_shipped_library_is_listed()
    {
        var copyright = File.ReadAllText(Path.Combine(ProjectPaths.Root, "deploy/debian/copyright"));
        using var dependencies = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(ProjectPaths.Executable, ".deps.json")));
        var packages = dependencies.RootElement.GetProperty("libraries").EnumerateObject().Where(static l => l.Value.GetProperty("type").GetString() == "package").Select(static l => l.Name.Split('/')[0]);
        Assert.All(packages, p => Assert.Contains($"usr/lib/mailserver/{p}*", copyright, StringComparison.Ordinal));
    }

    /// <summary>The links between the installed documents that lead nowhere.</summary>
    private static IEnumerable<string> DeadLinks(string folder)
    {
        var documents = Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories);
        Assert.Contains(Path.Combine(folder, "README.md"), documents);
        return documents.SelectMany(static d => Link().Matches(File.ReadAllText(d)).Select(m => (Document: d, Target: m.Groups["target"].Value)))
            .Where(static l => !Path.Exists(Path.Combine(Path.GetDirectoryName(l.Document)!, l.Target))).Select(static l => $"{l.Document}: {l.Target}");
    }

    private string EmptyRoot()
    {
        var root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/info"));
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/updates"));
        Directory.CreateDirectory(Path.Combine(root, "etc"));
        File.WriteAllText(Path.Combine(root, "var/lib/dpkg/status"), "");
        return root;
    }

    /// <summary>Rebuilds the package with another version, uncompressed.</summary>
    private async Task<string> RepackAsync(string package, string version)
    {
        var tree = Path.Combine(_folder, "tree");
        (await ProgramRun.StartAsync("dpkg-deb", ["--raw-extract", package, tree])).Succeeded();
        var control = Path.Combine(tree, "DEBIAN/control");
        await File.WriteAllTextAsync(control, VersionField().Replace(await File.ReadAllTextAsync(control), "Version: " + version));
        var other = Path.Combine(_folder, $"mailserver_{version}.deb");
        (await ProgramRun.StartAsync("dpkg-deb", ["--root-owner-group", "-Znone", "--build", tree, other])).Succeeded();
        return other;
    }

    private async Task InstallAsync(string root, string package) => await DpkgAsync(root, "-i", package);

    private async Task<ProgramRun> DpkgAsync(string root, string action, string what, params (string Name, string Value)[] environment) => (await ProgramRun.StartAsync(
        "dpkg", ["--root=" + root, "--force-depends", "--force-unsafe-io", "--force-script-chrootless", "--force-confnew", "--log=" + Path.Combine(_folder, "log"), action, what],
        environment: environment.ToDictionary(static e => e.Name, static e => e.Value, StringComparer.Ordinal), timeout: TimeSpan.FromMinutes(3))).Succeeded();

    private static async Task<ProgramRun> DpkgQueryAsync(string root) =>
        (await ProgramRun.StartAsync("dpkg-query", ["--admindir=" + Path.Combine(root, "var/lib/dpkg"), "--show", "--showformat=${Version} ${Status}", "mailserver"])).Succeeded();

    /// <summary>Runs lintian, where it is installed.</summary>
    private static async Task OnlyKnownComplaintsAsync(string package)
    {
        if (!File.Exists("/usr/bin/lintian")) return;
        var said = await ProgramRun.StartAsync("lintian", ["--allow-root", "--fail-on", "error,warning", package], timeout: TimeSpan.FromMinutes(5));
        Assert.True(said.ExitCode == 0, said.Everything);
    }

    [Fact]
    public void The_container_runs_without_root_and_contains_every_file_that_it_copies()
    {
        var lines = File.ReadAllLines(Path.Combine(ProjectPaths.Root, "deploy/docker/Dockerfile"));
        var words = lines.Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')[0]);
        Assert.Empty(words.Except(["FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"], StringComparer.Ordinal));
        Assert.True(Array.FindLastIndex(lines, l => l.StartsWith("USER ", StringComparison.Ordinal)) > Array.FindLastIndex(lines, l => l.StartsWith("FROM ", StringComparison.Ordinal)), "the last stage has no USER");
        Assert.DoesNotContain(lines, l => l.StartsWith("FROM", StringComparison.Ordinal) && (l.EndsWith(":latest", StringComparison.Ordinal) || !l.Contains(':', StringComparison.Ordinal)));
        var copied = lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1]);
        Assert.All(copied, f => Assert.NotEmpty(Directory.GetFileSystemEntries(ProjectPaths.Root, f.TrimEnd('/'))));
        // Otherwise a new volume belongs to root, and the server cannot write to it.
        var volumes = Volume().Matches(lines.Single(static l => l.StartsWith("VOLUME ", StringComparison.Ordinal))).Select(static m => m.Value);
        Assert.All(volumes, v => Assert.Contains(lines, l => l.StartsWith("COPY ", StringComparison.Ordinal) && l.Contains("--chown=$APP_UID", StringComparison.Ordinal) && l.EndsWith(" " + v, StringComparison.Ordinal)));
        var shipped = Content().Matches(File.ReadAllText(Path.Combine(ProjectPaths.Root, "src/MailServer/MailServer.csproj"))).Select(m => m.Groups["folder"].Value).Distinct();
        Assert.All(shipped, f => Assert.Contains(lines, l => l.StartsWith($"COPY {f}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Compose_publishes_the_ports_of_the_image_and_drops_privileges()
    {
        var compose = File.ReadAllText(Path.Combine(ProjectPaths.Root, "docker-compose.yml"));
        var exposed = File.ReadLines(Path.Combine(ProjectPaths.Root, "deploy/docker/Dockerfile")).Single(l => l.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' ')[1..];
        Assert.Equal(exposed.Order(StringComparer.Ordinal), Port().Matches(compose).Select(m => m.Groups["port"].Value).Order(StringComparer.Ordinal));
        Assert.All(["MAILSERVER_ADMIN__LISTEN: \"*\"", "MAILSERVER_ADMIN__TLS: \"true\"", "\"127.0.0.1:8090:8090\""], w => Assert.Contains(w, compose, StringComparison.Ordinal));
        Assert.All(["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"], w => Assert.Contains(w, compose, StringComparison.Ordinal));
    }

    [GeneratedRegex("^Version: .*$", RegexOptions.CultureInvariant | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex VersionField();

    [GeneratedRegex("<Content Include=\"\\.\\./\\.\\./(?<folder>[a-z/]*)/", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Content();

    [GeneratedRegex(@"\]\((?![a-z]+:|#)(?<target>[^)#\s]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();

    [GeneratedRegex("(?<=\")/[a-z/]+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Volume();

    [GeneratedRegex("- \"(127\\.0\\.0\\.1:)?(?<port>[0-9]+):\\k<port>\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Port();
}
