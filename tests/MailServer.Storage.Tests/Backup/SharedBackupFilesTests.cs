using MailServer.Domain.Accounts;
using MailServer.Storage.Backup;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Tests.Backup;

/// <summary>Files shared with the previous backup are checked first: a damaged one is copied again from the live data.</summary>
public sealed class SharedBackupFilesTests : IDisposable
{
    private const int Count = 40;

    private readonly TestInstallation _installation = new();
    private readonly Account _account;
    private readonly string _queued;

    public SharedBackupFilesTests()
    {
        _account = _installation.AddAccount("ann");
        for (var i = 0; i < Count; i++) _installation.Deliver(_account, TestMailbox.Text($"message {i}"));
        _queued = _installation.Queue(TestMailbox.Text("queued"));
    }

    public void Dispose() => _installation.Dispose();

    [Fact]
    public void Unchanged_files_are_shared_by_all_backups()
    {
        var first = _installation.BackUp();
        var second = _installation.BackUp();
        var shared = 0;
        foreach (var file in Messages(first.Name).Append(Path.Combine(_installation.PathOf(first.Name), "spool", _queued)))
        {
            var other = Path.Combine(_installation.PathOf(second.Name), Path.GetRelativePath(_installation.PathOf(first.Name), file));
            if (FileStat.Find(file)!.Value.Identity == FileStat.Find(other)!.Value.Identity) shared++;
        }

        Assert.Equal(Count + 1, shared);
        Assert.True(second.NewFiles < Count, $"{second.NewFiles} new files");
        Assert.Empty(second.Warnings);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("longer")]
    [InlineData("gone")]
    [InlineData("link")]
    [InlineData("list")]
    [InlineData("no list")]
    [InlineData("other line")]
    public void Visible_damage_is_repaired_by_the_next_backup(string damage)
    {
        var first = _installation.BackUp();
        foreach (var file in new[] { Messages(first.Name)[3], Path.Combine(_installation.PathOf(first.Name), "spool", _queued) }) Do(damage, file, first.Name);
        var second = _installation.BackUp();
        Assert.Empty(second.Problems);
        Assert.NotEmpty(second.Warnings);
        Assert.Empty(_installation.Verify(second.Name));
        Assert.Equal(Count, Messages(second.Name).Length);
        Assert.True(_installation.BackUp().NewFiles < Count);
    }

    [Fact]
    public void Damage_visible_only_by_hash_is_repaired_within_one_cycle_of_hash_checks()
    {
        var made = _installation.BackUp();
        foreach (var file in Messages(made.Name))
        {
            var octets = File.ReadAllBytes(file);
            octets[0] ^= 1;
            File.WriteAllBytes(file, octets);
        }

        var counts = new List<int>();
        for (var night = 0; night < PreviousBackup.VerificationCycle; night++)
        {
            made = _installation.BackUp();
            Assert.Empty(made.Problems);
            counts.Add(_installation.Verify(made.Name).Count);
        }

        Assert.Equal(0, counts[^1]);
        // A part of the files each time, not all at once.
        Assert.Equal(counts.OrderDescending(), counts);
        Assert.InRange(counts[0], 1, Count - 1);
        Assert.DoesNotContain(counts.Zip(counts.Skip(1)), static pair => pair.First - pair.Second > Count * 3 / 5);
    }

    [Fact]
    public void A_file_with_a_changed_size_is_copied_instead_of_shared()
    {
        _installation.BackUp();
        var live = _installation.Messages(_account)[0];
        File.AppendAllText(live, "more\r\n");
        var second = _installation.BackUp();
        var copied = Path.Combine(_installation.PathOf(second.Name), "maildir", Path.GetRelativePath(_installation.Mail, live));
        Assert.Equal(File.ReadAllBytes(live), File.ReadAllBytes(copied));
        Assert.Empty(_installation.Verify(second.Name));
    }

    private string[] Messages(string backup) => [.. System.IO.Directory.GetFiles(_installation.PathOf(backup), "*,U=*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private void Do(string damage, string file, string backup)
    {
        var manifest = Path.Combine(_installation.PathOf(backup), "MANIFEST");
        switch (damage)
        {
            case "empty":
                File.WriteAllText(file, "");
                break;
            case "longer":
                File.AppendAllText(file, "x");
                break;
            case "gone":
                File.Delete(file);
                break;
            case "link":
                var moved = Path.Combine(_installation.Root, Path.GetFileName(file));
                File.Move(file, moved);
                File.CreateSymbolicLink(file, moved);
                break;
            case "list":
                File.WriteAllText(manifest, File.ReadAllText(manifest)[..^20]);
                break;
            case "no list":
                File.Delete(manifest);
                break;
            default:
                File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(" spool/", "/spool/", StringComparison.Ordinal));
                break;
        }
    }
}
