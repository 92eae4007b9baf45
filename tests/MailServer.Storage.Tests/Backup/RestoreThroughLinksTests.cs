using MailServer.Domain.Accounts;
using MailServer.Storage.Backup;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Tests.Backup;

/// <summary>
/// A restore, which root runs, creates nothing through symbolic links that the server's user can make: each path that it creates as a link that leads nowhere,
/// to another user's directory, or around in a circle.
/// </summary>
public sealed class RestoreThroughLinksTests : IDisposable
{
    private const uint Nobody = 65534;

    private readonly TestInstallation _installation = new();
    private readonly Account _account;
    private readonly string _backup;
    private readonly string _outside;

    public RestoreThroughLinksTests()
    {
        _account = _installation.AddAccount("ann");
        _installation.Deliver(_account, TestMailbox.Text("one"));
        _installation.Queue(TestMailbox.Text("queued"));
        TestDirectories.Make(Path.Combine(_installation.Data, "dkim"));
        File.WriteAllText(Path.Combine(_installation.Data, "dkim", "example.org.key"), "key");
        _backup = _installation.PathOf(_installation.BackUp().Name);
        _outside = TestDirectories.Make(Path.Combine(_installation.Root, "outside"));
    }

    /// <summary>Every path below the data directory that a restore creates.</summary>
    public static TheoryData<string> Created => ["spool", "maildir", "mail.db", "dkim", "node", "maildir/user_1", "spool/tmp"];

    public void Dispose() => _installation.Dispose();

    [Theory]
    [MemberData(nameof(Created))]
    public void A_link_that_leads_nowhere_is_not_followed(string name)
    {
        var data = Target(name, Path.Combine(_outside, "nowhere", "x"));
        Assert.ThrowsAny<IOException>(() => RestoreAll(data));
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(_outside));
        Assert.NotNull(new FileInfo(Path.Combine(data, name)).LinkTarget);
        Assert.DoesNotContain(System.IO.Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories), static f => Path.GetFileName(f) is "MANIFEST" or "example.org.key");
    }

    [Theory]
    [MemberData(nameof(Created))]
    public void A_link_of_the_servers_user_into_a_directory_of_root_is_not_followed(string name)
    {
        if (!Environment.IsPrivilegedProcess) return; // Only root can make files of two users.
        var data = Target(name, name is "mail.db" ? Path.Combine(_outside, "x") : _outside);
        Posix.ChangeOwner(data, (Nobody, Nobody));
        Posix.ChangeOwner(Path.Combine(data, name), (Nobody, Nobody));
        Assert.ThrowsAny<IOException>(() => RestoreAll(data));
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(_outside));
    }

    [Theory]
    [InlineData("spool")]
    [InlineData("maildir")]
    public void A_link_to_a_directory_of_the_same_user_is_followed(string name)
    {
        var data = Target(name, _outside);
        if (Environment.IsPrivilegedProcess)
            foreach (var path in new[] { data, Path.Combine(data, name), _outside }) Posix.ChangeOwner(path, (Nobody, Nobody));
        Assert.True(RestoreAll(data).IsDone);
        Assert.NotEmpty(System.IO.Directory.EnumerateFileSystemEntries(_outside));
    }

    [Theory]
    [InlineData("maildir")]
    [InlineData("maildir/user_9")]
    [InlineData("maildir/.restoring_user_9")]
    public void The_restore_of_one_account_follows_no_such_link_either(string name)
    {
        var data = Target(name, Path.Combine(_outside, "nowhere"));
        var restorer = new BackupRestorer(_backup, TestInstallation.PlacesIn(data));
        Assert.ThrowsAny<IOException>(() => restorer.RestoreAccount(_account.Id, new AccountId(9), skipDamaged: false, null, default));
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(_outside));
    }

    [Fact]
    public void A_link_in_place_of_the_marker_is_replaced()
    {
        Assert.True(RestoreAll(Target("restore.incomplete", Path.Combine(_outside, "x"))).IsDone);
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(_outside));
    }

    private string Target(string name, string leadsTo)
    {
        var data = TestDirectories.Make(Path.Combine(_installation.Root, "target"));
        TestDirectories.Make(Path.GetDirectoryName(Path.Combine(data, name))!);
        File.CreateSymbolicLink(Path.Combine(data, name), leadsTo);
        return data;
    }

    private RestoreOutcome RestoreAll(string data)
    {
        var restorer = new BackupRestorer(_backup, TestInstallation.PlacesIn(data));
        return restorer.FindConflict() is { } conflict ? throw new IOException(conflict) : restorer.RestoreAll(skipDamaged: false, null, default);
    }
}
