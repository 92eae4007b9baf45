using MailServer.Storage.Backup;

namespace MailServer.Storage.Tests.Backup;

/// <summary>Locations of backups: never copied into themselves, and refused before the first octet inside the mail directory.</summary>
public sealed class BackupLocationTests : IDisposable
{
    private readonly TestInstallation _installation = new();

    public static TheoryData<string> Refused =>
    [
        "data", "data/maildir", "data/spool", "data/spool/backups", "data/maildir/user_1", "data/maildir/user_1/INBOX/cur", "data/maildir/.backup/x",
        "data/wire", "data/node/x", "linked-mail/user_1/x", "linked-data", ".", "data/mail.db",
    ];

    public static TheoryData<string> Allowed => ["backups", "data/backups", "data/deep/down/backups", "data/dkim/backups", "data/maildir/backups", "linked-data/backups"];

    public void Dispose() => _installation.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_backup_into_the_data_directory_itself_is_refused_before_anything_is_written(string place)
    {
        Fill();
        _installation.Backups = Path.Combine(_installation.Root, place);
        var before = TestInstallation.Picture(_installation.Root);
        Assert.Throws<IOException>(() => _installation.BackUp());
        Assert.Equal(before, TestInstallation.Picture(_installation.Root));
    }

    [Theory]
    [InlineData("")]
    [InlineData("maildir")]
    [InlineData("deep/down")]
    public void A_backup_into_another_backup_is_refused_and_leaves_that_one_whole(string place)
    {
        Fill();
        var first = _installation.BackUp();
        var folder = _installation.Folder.Path;
        _installation.Backups = Path.Combine(folder, first.Name, place);
        Assert.Contains("is inside the backup", Assert.Throws<IOException>(() => _installation.BackUp()).Message, StringComparison.Ordinal);
        _installation.Backups = folder;
        Assert.Empty(_installation.Verify(first.Name));
    }

    [Fact]
    public void The_directory_that_every_ext_file_system_has_is_in_no_backup_and_no_obstacle_to_a_restore()
    {
        Fill();
        var name = Path.Combine("lost+found", "#12345");
        TestDirectories.Make(Path.Combine(_installation.Data, "lost+found"));
        File.WriteAllText(Path.Combine(_installation.Data, name), "of the file system");
        var made = _installation.BackUp();
        Assert.Empty(made.Problems);
        Assert.Empty(made.Warnings);
        Assert.False(File.Exists(Path.Combine(_installation.PathOf(made.Name), name)));
        var target = _installation.Elsewhere();
        TestDirectories.Make(Path.Combine(target.DataDirectory, "lost+found"));
        File.WriteAllText(Path.Combine(target.DataDirectory, name), "of the file system");
        Assert.True(_installation.RestoreInto(target).IsDone);
        Assert.True(File.Exists(Path.Combine(target.DataDirectory, name)));
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public void Backups_inside_the_data_directory_are_not_part_of_each_other(string place)
    {
        Fill();
        _installation.Backups = Path.Combine(_installation.Root, place);
        var sizes = new List<long>();
        for (var night = 0; night < 4; night++)
        {
            var made = _installation.BackUp();
            Assert.Empty(made.Problems);
            Assert.Empty(_installation.Verify(made.Name));
            sizes.Add(made.Files);
        }

        // Backups in another location are left out as well.
        _installation.Backups = Path.Combine(_installation.Data, "other-backups");
        sizes.Add(_installation.BackUp().Files);
        Assert.Single(sizes.Distinct());
    }

    [Fact]
    public void A_restore_keeps_backups_inside_the_data_directory()
    {
        Fill();
        _installation.Backups = Path.Combine(_installation.Data, "deep", "backups");
        var made = _installation.BackUp();
        Remove();
        Assert.True(_installation.RestoreInto(_installation.Places).IsDone);
        Assert.Empty(_installation.Verify(made.Name));

        // An interrupted restore is repeated, and its files are removed, but not the backups.
        File.WriteAllText(Path.Combine(_installation.Data, "restore.incomplete"), "");
        Assert.True(_installation.RestoreInto(_installation.Places).IsDone);
        Assert.Empty(_installation.Verify(made.Name));
        Assert.Single(_installation.Accounts());
    }

    [Fact]
    public void A_restore_into_a_backup_is_refused()
    {
        Fill();
        var made = _installation.BackUp();
        foreach (var target in new[] { _installation.PathOf(made.Name), Path.Combine(_installation.PathOf(made.Name), "data"), Path.Combine(_installation.PathOf(made.Name), "maildir") })
        {
            var places = TestInstallation.PlacesIn(target);
            Assert.NotNull(new BackupRestorer(_installation.PathOf(made.Name), places).FindConflict());
            Assert.NotNull(new BackupRestorer(_installation.PathOf(made.Name), _installation.Elsewhere() with { MaildirDirectory = target }).FindConflict());
        }

        Assert.Null(new BackupRestorer(_installation.PathOf(made.Name), _installation.Elsewhere()).FindConflict());
    }

    [Fact]
    public void The_log_is_not_in_a_backup()
    {
        Fill();
        var log = Path.Combine(_installation.Data, "logs", "mailserver.log");
        TestDirectories.Make(Path.GetDirectoryName(log)!);
        foreach (var suffix in new[] { "", ".1", ".2.gz" }) File.WriteAllText(log + suffix, "line\n");
        File.WriteAllText(Path.Combine(_installation.Data, "logs", "kept"), "kept");
        _installation.Places = _installation.Places with { LogFile = log };
        var made = _installation.BackUp();
        Assert.Equal(["kept"], System.IO.Directory.GetFiles(Path.Combine(_installation.PathOf(made.Name), "logs")).Select(Path.GetFileName));
    }

    private void Fill()
    {
        var account = _installation.AddAccount("ann");
        _installation.Deliver(account, TestMailbox.Text("one"));
        _installation.Queue(TestMailbox.Text("queued"));
        TestDirectories.Make(Path.Combine(_installation.Data, "dkim"));
        File.WriteAllText(Path.Combine(_installation.Data, "dkim", "example.org.key"), "key");
        TestDirectories.Make(Path.Combine(_installation.Data, "wire"));
        TestDirectories.Make(Path.Combine(_installation.Data, "node"));
        System.IO.Directory.CreateSymbolicLink(Path.Combine(_installation.Root, "linked-mail"), _installation.Mail);
        System.IO.Directory.CreateSymbolicLink(Path.Combine(_installation.Root, "linked-data"), _installation.Data);
    }

    /// <summary>Everything except the backups.</summary>
    private void Remove()
    {
        foreach (var entry in System.IO.Directory.GetFileSystemEntries(_installation.Data).Where(static e => Path.GetFileName(e) != "deep"))
        {
            if (File.Exists(entry)) File.Delete(entry);
            else System.IO.Directory.Delete(entry, recursive: true);
        }
    }
}
