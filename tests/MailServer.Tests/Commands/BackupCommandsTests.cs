using System.Globalization;
using MailServer.Configuration;
using MailServer.Hosting;

namespace MailServer.Tests.Commands;

/// <summary>The output and exit codes of <c>backup</c>, <c>restore</c> and <c>export</c>.</summary>
public sealed class BackupCommandsTests : IDisposable
{
    private const string Mail = "Subject: one\r\n\r\nHello.\r\n";

    private readonly CommandRunner _server = new();

    private string Backups => Path.Combine(_server.Folder, "backups");

    public static TheoryData<string> PlacesOfTheServer => ["data", "data/export", "data/maildir", "data/maildir/user_1/INBOX/cur", "data/spool/x", "linked", "linked/x"];

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(PlacesOfTheServer))]
    public async Task An_export_into_the_data_directory_is_refused(string place)
    {
        await SetUpAsync();
        Directory.CreateSymbolicLink(Path.Combine(_server.Folder, "linked"), _server.Data);
        var target = Path.Combine(_server.Folder, place);
        Assert.Contains("is inside the server's data directory", await _server.FailedAsync(1, "export", target, "--account", "ann@example.org"), StringComparison.Ordinal);
        Assert.Contains("is inside the server's data directory", await _server.FailedAsync(1, "dav", "export", "ann@example.org", "calendar", "--output", Path.Combine(target, "x.ics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_is_named_with_the_way_to_allow_it()
    {
        await SetUpAsync();
        var error = await _server.FailedAsync(1, "backup", "/proc/backups");
        Assert.Contains("may not write to /proc/backups", error, StringComparison.Ordinal);
        Assert.Contains("install -d -m 700", error, StringComparison.Ordinal);
        Assert.Contains("ReadWritePaths=/proc/backups", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_irregular_file_causes_a_warning_and_the_backup_succeeds()
    {
        await SetUpAsync();
        File.CreateSymbolicLink(Path.Combine(_server.Data, "odd"), "nowhere");
        var (code, output, error) = await _server.RunAsync("backup", Backups);
        Assert.Equal(0, code);
        Assert.Contains("files", output, StringComparison.Ordinal);
        Assert.Contains($"warning: skipped: {Path.Combine(_server.Data, "odd")}: is a dangling symbolic link", error, StringComparison.Ordinal);
        Assert.Contains("\t1", await _server.DoneAsync("backup", "list", Backups), StringComparison.Ordinal);
        await _server.DoneAsync("backup", "verify", Backups);
    }

    [Fact]
    public async Task A_backup_into_the_mail_directory_is_refused_with_one_line()
    {
        await SetUpAsync();
        Assert.Contains("belongs to the server", await _server.FailedAsync(1, "backup", Path.Combine(_server.Data, "spool")), StringComparison.Ordinal);
        Assert.Contains("storage.data_dir itself", await _server.FailedAsync(1, "backup", _server.Data), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_backup_is_restored_only_on_request_and_exits_with_1()
    {
        await SetUpAsync();
        await _server.DoneAsync("backup", Backups);
        var backup = Directory.GetDirectories(Backups).Single();
        var message = Directory.GetFiles(backup, "*,U=*", SearchOption.AllDirectories).Single();
        var octets = await File.ReadAllBytesAsync(message);
        octets[0] ^= 1;
        await File.WriteAllBytesAsync(message, octets);
        Directory.Move(_server.Data, _server.Data + ".old");

        var (code, output, error) = await _server.RunAsync("restore", Backups);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"{Path.GetRelativePath(backup, message)}: its content has changed", error, StringComparison.Ordinal);
        Assert.Contains("--skip-damaged", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(_server.Data, "*", SearchOption.AllDirectories), static f => Path.GetFileName(f) != "lock");

        (code, output, error) = await _server.RunAsync("restore", Backups, "--skip-damaged");
        Assert.Equal(1, code);
        Assert.Contains("restored ", output, StringComparison.Ordinal);
        Assert.Contains("its content has changed", error, StringComparison.Ordinal);
        Assert.Contains("ann@example.org", await _server.DoneAsync("user", "list"), StringComparison.Ordinal);
        await _server.DoneAsync("check");
    }

    /// <summary>Ways in which the directory of a backup is unusable.</summary>
    public static TheoryData<string> Damages => [.. DamageKinds.Keys];

    private static readonly Dictionary<string, Action<string>> DamageKinds = new(StringComparer.Ordinal)
    {
        ["missing"] = File.Delete,
        ["empty"] = static f => File.WriteAllBytes(f, []),
        ["other content"] = static f => File.WriteAllText(f, new string('x', 10_000)),
        ["head"] = static f => Overwrite(f, static length => (0, 64)),
        ["middle"] = static f => Overwrite(f, static length => (length / 2, 4096)),
        ["one octet"] = static f => Overwrite(f, static length => (length - 100, 1)),
        ["half"] = static f => File.WriteAllBytes(f, File.ReadAllBytes(f)[..(int)(new FileInfo(f).Length / 2)]),
        ["a link"] = static f =>
        {
            File.Move(f, f + ".moved");
            File.CreateSymbolicLink(f, "mail.db.moved");
        },
        ["a directory"] = static f =>
        {
            File.Delete(f);
            Directory.CreateDirectory(f);
        },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_user_is_restored_from_a_backup_whose_directory_is_damaged_and_the_damage_is_named(string damage)
    {
        await SetUpAsync();
        await _server.DoneAsync("backup", Backups);
        var backup = Directory.GetDirectories(Backups).Single();
        DamageKinds[damage](Path.Combine(backup, "mail.db"));
        Directory.Delete(_server.Data, recursive: true);
        await _server.SetUpAsync("ben@example.org", "ann@example.org", "new@example.org");
        var (code, output, error) = await _server.RunAsync("restore", Backups, "--account", "ann@example.org");
        Assert.Equal((0, $"restored ann@example.org from {Path.GetFileName(backup)}\n"), (code, output));
        Assert.StartsWith($"mailserver: warning: the backup {Path.GetFileName(backup)} is damaged (mail.db: ", error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_server.Data, "*,U=*", SearchOption.AllDirectories));
        Assert.Contains("ann@example.org\t1\t", await _server.DoneAsync("check", "--account", "ann@example.org"), StringComparison.Ordinal);

        var missing = await _server.FailedAsync(1, "restore", Backups, "--account", "new@example.org");
        Assert.Contains("is damaged (mail.db: ", missing, StringComparison.Ordinal);
        Assert.EndsWith("none of its mail folders names new@example.org as its owner: choose another backup with --name", missing, StringComparison.Ordinal);
    }

    private static void Overwrite(string file, Func<long, (long Start, int Count)> place)
    {
        using var stream = File.Open(file, FileMode.Open);
        var (start, count) = place(stream.Length);
        stream.Position = start;
        stream.Write(Enumerable.Repeat((byte)0xA5, count).ToArray());
    }

    [Fact]
    public async Task A_check_of_a_restored_installation_finds_no_problem()
    {
        await SetUpAsync();
        await _server.DoneAsync("backup", Backups);
        Directory.Delete(_server.Data, recursive: true);
        await _server.DoneAsync("restore", Backups);
        var found = await _server.DoneAsync("check");
        Assert.Contains("ann@example.org\t1\t", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_of_a_removed_account_is_restored_to_its_successor_from_a_later_backup()
    {
        await SetUpAsync();
        await _server.DoneAsync("user", "remove", "ann@example.org");
        await _server.DoneAsync("backup", Backups);
        await _server.DoneAsync("user", "add", "ann@example.org", "--password", "correct horse 9");
        await _server.DoneAsync("restore", Backups, "--account", "ann@example.org");
        Assert.Contains("ann@example.org\t1\t", await _server.DoneAsync("check", "--account", "ann@example.org"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keep_never_removes_the_backup_just_made()
    {
        await SetUpAsync();
        await _server.DoneAsync("backup", Backups);
        var first = Path.GetFileName(Directory.GetDirectories(Backups).Single());
        var future = DateTime.UtcNow.AddYears(10).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        Directory.Move(Path.Combine(Backups, first), Path.Combine(Backups, future));
        var (code, output, error) = await _server.RunAsync("backup", Backups, "--keep", "1");
        Assert.Equal(0, code);
        Assert.Contains($"removed {future}", output, StringComparison.Ordinal);
        Assert.Contains(future, error, StringComparison.Ordinal);
        Assert.NotEqual(future, Path.GetFileName(Directory.GetDirectories(Backups).Single()));
        await _server.DoneAsync("backup", "verify", Backups);
    }

    [Fact]
    public void Every_file_that_the_configuration_names_is_in_a_backup_once()
    {
        var options = new MailServerOptions
        {
            Tls = new TlsOptions { CertFile = "/k/1", KeyFile = "/k/2", ExtraCaFile = "/k/3", AcmeCaFile = "/k/4", AcmeHmacFile = "/k/5" },
            Delivery = new DeliveryOptions { RelayPasswordFile = "/k/6", Routes = [new RouteOptions { PasswordFile = "/k/7" }, new RouteOptions { PasswordFile = "/k/8" }] },
            Domains = [new DomainOptions { Name = "example.org", DkimKeyFile = "/k/9" }],
            Cluster = new ClusterOptions { DatabaseFile = "/k/10", TlsCertFile = "/k/11", TlsKeyFile = "/k/12", TlsCaFile = "/k/13" },
            Admin = new AdminOptions { MetricsTokenFile = "/k/14" },
        };
        var others = BackupLayout.PlacesOf(options, "/k/0").Others;
        Assert.Equal(Enumerable.Range(0, 15).Select(static n => $"/k/{n}").Order(StringComparer.Ordinal), others.Select(static o => o.File).Order(StringComparer.Ordinal));
        Assert.Equal(others.Count, others.Select(static o => o.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(MachineRules.Files(options), file => Assert.Contains(others, o => o.File == file.Path));
    }

    [Fact]
    public async Task A_list_of_backups_in_a_directory_that_is_not_there_fails()
    {
        await SetUpAsync();
        Assert.Contains("there is no directory", await _server.FailedAsync(1, "backup", "list", Backups + "x"), StringComparison.Ordinal);
    }

    private async Task SetUpAsync()
    {
        await _server.SetUpAsync("ann@example.org");
        var mbox = Path.Combine(_server.Folder, "one.mbox");
        await File.WriteAllTextAsync(mbox, "From x Sun Nov 29 03:00:00 2026\n" + Mail + "\n");
        await _server.DoneAsync("import", "mbox", mbox, "--account", "ann@example.org");
    }
}
