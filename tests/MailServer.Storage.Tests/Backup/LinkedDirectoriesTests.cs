using System.Globalization;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Storage.Backup;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Backup;

/// <summary>One directory under several names: each file is in a backup once, and the backup can be restored.</summary>
public sealed class LinkedDirectoriesTests : IDisposable
{
    private TestInstallation? _installation;

    public enum Layout
    {
        Plain,
        DataThroughLink,
        MailThroughLinkInData,
        MailMovedAndLinked,
        MailNamedTwiceByLinks,
        MailIsData,
        MailDeepInData,
        DatabaseUnderAnotherName,
        DatabaseInSubfolder,
        DatabaseThroughLink,
        RelativeParts,
    }

    public static TheoryData<Layout> Layouts() => [.. Enum.GetValues<Layout>()];

    public void Dispose() => _installation?.Dispose();

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_backup_contains_every_file_once_and_can_be_restored(Layout layout)
    {
        _installation = new TestInstallation(data => Arrange(layout, data));
        var account = _installation.AddAccount("ann");
        _installation.Deliver(account, TestMailbox.Text("one"));
        _installation.Deliver(account, TestMailbox.Text("two"));
        using (CollectionStore.Open(new CollectionStoreOptions { Directory = AccountFolder.PathOf(_installation.Mail, account.Id), Limits = Limits.Default }, TimeProvider.System))
        {
            // Creates dav.db.
        }

        var queued = _installation.Queue(TestMailbox.Text("queued"));
        TestDirectories.Make(Path.Combine(_installation.Data, "dkim"));
        File.WriteAllText(Path.Combine(_installation.Data, "dkim", "example.org.key"), "key");
        for (var night = 0; night < 2; night++)
        {
            var made = _installation.BackUp();
            Assert.Empty(made.Problems);
            var listed = Manifest(_installation.PathOf(made.Name));
            Assert.Equal(listed.Distinct(StringComparer.Ordinal), listed);
            Assert.Equal(1, listed.Count(static p => p == "mail.db"));
            Assert.Equal(1, listed.Count(p => p == $"spool/{queued}"));
            Assert.Equal(2, listed.Count(static p => p.Contains(",U=", StringComparison.Ordinal)));
            Assert.DoesNotContain(listed, static p => p.Contains("index.db", StringComparison.Ordinal) || p.EndsWith("-wal", StringComparison.Ordinal));
            Assert.Empty(_installation.Verify(made.Name));
        }

        var target = _installation.Elsewhere();
        var outcome = _installation.RestoreInto(target);
        Assert.True(outcome.IsDone);
        Assert.Empty(outcome.Damaged);
        Assert.Equal("key", File.ReadAllText(Path.Combine(target.DataDirectory, "dkim", "example.org.key")));
        using var store = _installation.OpenMailbox(account, target.MaildirDirectory);
        Assert.Equal(2, store.Folders().All.Sum(f => store.Status(f.Name).Value.Messages));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_restore_writes_through_linked_directories(Layout layout)
    {
        var from = _installation = new TestInstallation();
        var account = from.AddAccount("ann");
        from.Deliver(account, TestMailbox.Text("one"));
        from.BackUp();
        var data = Path.Combine(from.Root, "elsewhere", "data");
        var target = Arrange(layout, data);
        // The lock is taken before a restore starts.
        TestDirectories.Make(target.DataDirectory);
        File.WriteAllText(Path.Combine(target.DataDirectory, DataDirectoryLock.FileName), "");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            // The second time after an interrupted restore.
            if (attempt == 1) File.WriteAllText(Path.Combine(target.DataDirectory, "restore.incomplete"), "");
            Assert.True(from.RestoreInto(target).IsDone);
            Assert.True(File.Exists(target.DatabaseFile));
            using var store = from.OpenMailbox(account, target.MaildirDirectory);
            Assert.Equal(1, store.Folders().All.Sum(f => store.Status(f.Name).Value.Messages));
        }
    }

    [Fact]
    public void A_manifest_with_a_duplicate_file_is_refused_by_verify_and_restore()
    {
        _installation = new TestInstallation();
        _installation.AddAccount("ann");
        var made = _installation.BackUp();
        var manifest = Path.Combine(_installation.PathOf(made.Name), "MANIFEST");
        var lines = File.ReadAllLines(manifest).ToList();
        lines.Insert(lines.Count - 1, lines[^2]);
        lines[^1] = string.Create(CultureInfo.InvariantCulture, $"end {made.Files + 1}");
        File.WriteAllText(manifest, string.Concat(lines.Select(static l => l + "\n")));
        Assert.Contains("twice", Assert.Single(_installation.Verify(made.Name)), StringComparison.Ordinal);
        Assert.False(_installation.RestoreInto(_installation.Elsewhere()).IsDone);
        Assert.True(_installation.RestoreInto(_installation.Elsewhere(), skipDamaged: true).IsDone);
    }

    [Fact]
    public async Task Reading_a_backup_changes_nothing_in_it()
    {
        _installation = new TestInstallation();
        var account = _installation.AddAccount("ann");
        _installation.Deliver(account, TestMailbox.Text("one"));
        var made = _installation.BackUp();
        var backup = _installation.PathOf(made.Name);
        // A backup of an older version: a database in WAL mode, with a log that SQLite would remove.
        var database = Path.Combine(backup, "mail.db");
        using (var live = _installation.OpenDirectory()) File.Copy(_installation.Places.DatabaseFile, database, overwrite: true);
        await File.WriteAllTextAsync(database + "-wal", "");
        await File.WriteAllTextAsync(database + "-shm", "");
        var before = TestInstallation.Picture(_installation.Folder.Path);
        _installation.Verify(made.Name);
        await BackupAccounts.ReadAsync(backup, TimeProvider.System, default);
        _installation.RestoreInto(_installation.Elsewhere(), skipDamaged: true);
        new BackupRestorer(backup, _installation.Elsewhere()).RestoreAccount(account.Id, new AccountId(9), skipDamaged: true, null, default);
        Assert.Equal(before, TestInstallation.Picture(_installation.Folder.Path));
    }

    private static List<string> Manifest(string backup) =>
        [.. File.ReadLines(Path.Combine(backup, "MANIFEST"), Encoding.UTF8).Select(static l => l.Split(' ', 3)).Where(static p => p.Length == 3).Select(static p => p[2])];

    private static BackupPaths Arrange(Layout layout, string data)
    {
        var root = Path.GetDirectoryName(data)!;
        var disk = TestDirectories.Make(Path.Combine(root, "large-disk"));
        var places = TestInstallation.PlacesIn(data);
        switch (layout)
        {
            case Layout.DataThroughLink:
                TestDirectories.Make(Path.Combine(disk, "data"));
                System.IO.Directory.CreateSymbolicLink(data, Path.Combine(disk, "data"));
                return TestInstallation.PlacesIn(data) with { MaildirDirectory = Path.Combine(disk, "data", "maildir") };
            case Layout.MailThroughLinkInData:
                TestDirectories.Make(data);
                TestDirectories.Make(Path.Combine(disk, "mail"));
                System.IO.Directory.CreateSymbolicLink(Path.Combine(data, "maildir"), Path.Combine(disk, "mail"));
                return TestInstallation.PlacesIn(data);
            case Layout.MailMovedAndLinked:
                TestDirectories.Make(data);
                TestDirectories.Make(Path.Combine(disk, "mail"));
                System.IO.Directory.CreateSymbolicLink(Path.Combine(data, "maildir"), Path.Combine(disk, "mail"));
                return places with { MaildirDirectory = Path.Combine(disk, "mail") };
            case Layout.MailNamedTwiceByLinks:
                TestDirectories.Make(data);
                TestDirectories.Make(Path.Combine(disk, "mail"));
                System.IO.Directory.CreateSymbolicLink(Path.Combine(data, "first"), Path.Combine(disk, "mail"));
                System.IO.Directory.CreateSymbolicLink(Path.Combine(data, "second"), Path.Combine(data, "first"));
                return TestInstallation.PlacesIn(data) with { MaildirDirectory = Path.Combine(data, "second") };
            case Layout.MailIsData:
                return places with { MaildirDirectory = data };
            case Layout.MailDeepInData:
                return places with { MaildirDirectory = Path.Combine(data, "a", "b", "mail") };
            case Layout.DatabaseUnderAnotherName:
                return places with { DatabaseFile = Path.Combine(data, "directory.db") };
            case Layout.DatabaseInSubfolder:
                return places with { DatabaseFile = Path.Combine(data, "sub", "mail.db") };
            case Layout.DatabaseThroughLink:
                TestDirectories.Make(data);
                File.CreateSymbolicLink(Path.Combine(data, "mail.db"), Path.Combine(disk, "users.db"));
                return TestInstallation.PlacesIn(data);
            case Layout.RelativeParts:
                return places with { MaildirDirectory = Path.Combine(data, "..", Path.GetFileName(data), ".", "maildir") };
            default:
                return places;
        }
    }
}

/// <summary>Creates directories in tests whose namespace hides System.IO.Directory.</summary>
internal static class TestDirectories
{
    public static string Make(string path) => System.IO.Directory.CreateDirectory(path).FullName;
}
