using MailServer.Storage.Backup;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Tests.Backup;

/// <summary>The order of backups does not depend on the clock.</summary>
public sealed class BackupOrderTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 3, 0, 0, TimeSpan.Zero);

    private readonly TestInstallation _installation = new();

    public void Dispose() => _installation.Dispose();

    [Theory]
    [InlineData(10)]
    [InlineData(-60)]
    public void After_a_wrong_clock_the_newest_backup_is_the_one_made_last(int years)
    {
        _installation.AddAccount("first");
        var order = new List<string> { At(Now) };
        _installation.AddAccount("second");
        order.Add(At(Now.AddYears(years)));
        _installation.AddAccount("third");
        var made = _installation.BackUpAt(Now.AddDays(1));
        order.Add(made.Name);
        Assert.Equal(order, _installation.Folder.List().Select(static b => b.Name));
        Assert.Equal(_installation.PathOf(made.Name), _installation.Folder.Find(null));
        Assert.Contains(made.Warnings, w => w.Contains(order[1], StringComparison.Ordinal));

        Assert.Equal(order[..2], _installation.Folder.Prune(1, made.Name).Removed);
        Assert.Equal([made.Name], _installation.Folder.List().Select(static b => b.Name));
        var target = _installation.Elsewhere();
        _installation.RestoreInto(target);
        _installation.Places = target;
        Assert.Equal(3, _installation.Accounts().Count);
    }

    [Fact]
    public void A_backup_whose_time_cannot_be_recorded_is_complete_and_says_so()
    {
        _installation.AddAccount("ann");
        Assert.Empty(_installation.BackUpAt(Now).Warnings);
        Assert.Equal(Now, BackupRecord.Read(_installation.Places.DataDirectory)!.At);
        File.Delete(Path.Combine(_installation.Places.DataDirectory, BackupRecord.FileName));
        // A directory in its place fails like a full disk.
        System.IO.Directory.CreateDirectory(Path.Combine(_installation.Places.DataDirectory, BackupRecord.FileName));
        var made = _installation.BackUpAt(Now.AddDays(1));
        Assert.Contains("could not be recorded", Assert.Single(made.Warnings), StringComparison.Ordinal);
        Assert.Equal(_installation.PathOf(made.Name), _installation.Folder.Find(null));
    }

    [Fact]
    public void A_backup_in_progress_of_another_process_is_not_touched()
    {
        _installation.AddAccount("ann");
        var theirs = Path.Combine(_installation.Folder.Path, ".partial-20261129T030000Z");
        System.IO.Directory.CreateDirectory(theirs);
        using (DataDirectoryLock.Take(_installation.Folder.Path, "backup"))
        {
            Assert.Throws<StoreInUseException>(() => _installation.BackUpAt(Now));
            Assert.True(System.IO.Directory.Exists(theirs));
        }

        Assert.Equal([At(Now)], _installation.Folder.List().Select(static b => b.Name));
        Assert.False(System.IO.Directory.Exists(theirs));
    }

    [Fact]
    public void The_backup_just_made_is_never_removed()
    {
        _installation.AddAccount("ann");
        var made = new List<string>();
        foreach (var shift in new[] { 0, 4000, -4000, 10, 9, 8 }) made.Add(At(Now.AddDays(shift)));
        // Even if the counter is wrong.
        var removed = _installation.Folder.Prune(1, made[0]).Removed;
        Assert.DoesNotContain(made[0], removed);
        Assert.Contains(made[0], _installation.Folder.List().Select(static b => b.Name));
    }

    [Fact]
    public void Backups_of_older_versions_without_a_counter_sort_first_by_name()
    {
        _installation.AddAccount("ann");
        var older = new[] { At(Now), At(Now.AddDays(1)) };
        foreach (var name in older)
        {
            var manifest = Path.Combine(_installation.PathOf(name), "MANIFEST");
            File.WriteAllLines(manifest, File.ReadAllLines(manifest).Skip(1));
            Assert.Empty(_installation.Verify(name));
        }

        var newer = At(Now.AddYears(-3));
        Assert.Equal([.. older, newer], _installation.Folder.List().Select(static b => b.Name));
        Assert.True(_installation.RestoreInto(_installation.Elsewhere(), older[0]).IsDone);
    }

    [Fact]
    public void A_backup_with_an_unreadable_manifest_is_neither_restored_by_default_nor_removed()
    {
        _installation.AddAccount("ann");
        var (first, damaged) = (At(Now), At(Now.AddDays(1)));
        File.Delete(Path.Combine(_installation.PathOf(damaged), "MANIFEST"));
        Assert.Equal(_installation.PathOf(first), _installation.Folder.Find(null));
        Assert.Contains(damaged, Assert.Single(_installation.Folder.FindAnomalies(Now.AddDays(2))), StringComparison.Ordinal);
        var last = At(Now.AddDays(3));
        var pruned = _installation.Folder.Prune(1, last);
        Assert.Equal([first], pruned.Removed);
        Assert.True(System.IO.Directory.Exists(_installation.PathOf(damaged)));
    }

    [Fact]
    public void Two_backups_within_one_second_are_both_kept()
    {
        Assert.NotEqual(At(Now), At(Now));
        Assert.Equal(2, _installation.Folder.List().Count);
    }

    private string At(DateTimeOffset time) => _installation.BackUpAt(time).Name;
}
