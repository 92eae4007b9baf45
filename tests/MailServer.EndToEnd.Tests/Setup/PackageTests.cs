using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>The Debian package and the container files.</summary>
public sealed partial class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClientFact("dpkg-deb", "dpkg", "systemd-sysusers")]
    public async Task The_package_installs_into_an_empty_root_with_a_user_of_its_own_and_runs_there()
    {
        var built = await ProgramRun.StartAsync(Path.Combine(Checkout.Root, "deploy/package.sh"), ["--from", Path.GetDirectoryName(Checkout.Executable)!, "--out", _folder], timeout: TimeSpan.FromMinutes(5));
        built.Succeeded();
        var package = Assert.Single(Directory.GetFiles(_folder, "*.deb"));
        Assert.Contains("Package: mailserver", (await ProgramRun.StartAsync("dpkg-deb", ["--info", package])).Succeeded().Output, StringComparison.Ordinal);
        var contents = (await ProgramRun.StartAsync("dpkg-deb", ["--contents", package])).Succeeded().Output;
        Assert.All(["./usr/bin/mailserver", "./lib/systemd/system/mailserver.service", "./etc/mailserver/", "./etc/logrotate.d/mailserver", "./usr/share/doc/mailserver/config.example.yaml"], f => Assert.Contains(f, contents, StringComparison.Ordinal));
        Assert.DoesNotContain(".pdb", contents, StringComparison.Ordinal);
        if (!Environment.IsPrivilegedProcess) return;

        var root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/info"));
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/updates"));
        Directory.CreateDirectory(Path.Combine(root, "etc"));
        await File.WriteAllTextAsync(Path.Combine(root, "var/lib/dpkg/status"), "");
        (await ProgramRun.StartAsync("dpkg", ["--root=" + root, "--force-depends", "--force-script-chrootless", "--force-confnew", "--log=" + Path.Combine(_folder, "log"), "-i", package])).Succeeded();
        Assert.Contains("mailserver:", await File.ReadAllTextAsync(Path.Combine(root, "etc/passwd")), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(root, "var/lib/mailserver")));
        Assert.StartsWith("mailserver ", (await ProgramRun.StartAsync(Path.Combine(root, "usr/bin/mailserver"), ["version"])).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_container_runs_without_root_and_every_file_that_it_copies_is_there()
    {
        var lines = File.ReadAllLines(Path.Combine(Checkout.Root, "deploy/docker/Dockerfile"));
        var words = lines.Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')[0]);
        Assert.Empty(words.Except(["FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"], StringComparer.Ordinal));
        Assert.True(Array.FindLastIndex(lines, l => l.StartsWith("USER ", StringComparison.Ordinal)) > Array.FindLastIndex(lines, l => l.StartsWith("FROM ", StringComparison.Ordinal)), "the last stage has no USER");
        Assert.DoesNotContain(lines, l => l.StartsWith("FROM", StringComparison.Ordinal) && (l.EndsWith(":latest", StringComparison.Ordinal) || !l.Contains(':', StringComparison.Ordinal)));
        var copied = lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1]);
        Assert.All(copied, f => Assert.NotEmpty(Directory.GetFileSystemEntries(Checkout.Root, f.TrimEnd('/'))));
        var shipped = Content().Matches(File.ReadAllText(Path.Combine(Checkout.Root, "src/MailServer/MailServer.csproj"))).Select(m => m.Groups["folder"].Value).Distinct();
        Assert.All(shipped, f => Assert.Contains(lines, l => l.StartsWith($"COPY {f}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Compose_opens_the_ports_that_the_image_names_and_takes_privileges_away()
    {
        var compose = File.ReadAllText(Path.Combine(Checkout.Root, "docker-compose.yml"));
        var exposed = File.ReadLines(Path.Combine(Checkout.Root, "deploy/docker/Dockerfile")).Single(l => l.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' ')[1..];
        Assert.Equal(exposed.Order(StringComparer.Ordinal), Port().Matches(compose).Select(m => m.Groups["port"].Value).Order(StringComparer.Ordinal));
        Assert.All(["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"], w => Assert.Contains(w, compose, StringComparison.Ordinal));
    }

    [GeneratedRegex("<Content Include=\"\\.\\./\\.\\./(?<folder>[a-z/]*)/", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Content();

    [GeneratedRegex("- \"(?<port>[0-9]+):\\k<port>\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Port();
}
