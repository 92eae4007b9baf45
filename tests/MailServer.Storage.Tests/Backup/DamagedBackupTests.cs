using MailServer.Domain.Accounts;
using MailServer.Storage.Backup;

namespace MailServer.Storage.Tests.Backup;

/// <summary>A restore verifies every file against the manifest while copying.</summary>
public sealed class DamagedBackupTests : IDisposable
{
    private readonly TestInstallation _installation = new();
    private readonly Account _account;
    private readonly string _backup;

    public DamagedBackupTests()
    {
        _account = _installation.AddAccount("ann");
        _installation.Deliver(_account, TestMailbox.Text("one"));
        _installation.Deliver(_account, TestMailbox.Text("two"));
        _installation.Queue(TestMailbox.Text("queued"));
        File.WriteAllText(Path.Combine(_installation.Data, "srs.key"), "secret-key");
        _backup = _installation.PathOf(_installation.BackUp().Name);
    }

    public enum BackupDamage
    {
        Flip,
        Empty,
        Shorten,
        Lengthen,
        Remove,
        ReplaceByLink,
        ReplaceByDirectory,
    }

    public enum BackupFileKind
    {
        Message,
        Key,
        Database,
        Queued,
    }

    public static TheoryData<BackupDamage> DamageKinds() => [.. Enum.GetValues<BackupDamage>()];

    public void Dispose() => _installation.Dispose();

    [Theory]
    [MemberData(nameof(DamageKinds))]
    public void Every_damaged_file_is_named_and_not_restored(BackupDamage damage)
    {
        var files = Enum.GetValues<BackupFileKind>().Select(FileOf).ToArray();
        var names = files.Select(f => Path.GetRelativePath(_backup, f)).Order(StringComparer.Ordinal).ToArray();
        var good = TestInstallation.Picture(_backup).Keys.Where(static p => !p.EndsWith('/') && p != "MANIFEST").Except(names).ToArray();
        foreach (var file in files) Do(damage, file);

        var target = _installation.Elsewhere();
        var refused = _installation.RestoreInto(target);
        Assert.False(refused.IsDone);
        Assert.Equal(names, refused.Damaged.Select(static d => d.Split(": ")[0]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(TestInstallation.Picture(target.DataDirectory).Keys, static p => !p.EndsWith('/'));

        var outcome = _installation.RestoreInto(target, skipDamaged: true);
        Assert.True(outcome.IsDone);
        Assert.Equal(refused.Damaged, outcome.Damaged);
        Assert.Equal(good, TestInstallation.Picture(target.DataDirectory).Keys.Where(static p => !p.EndsWith('/')));
    }

    [Theory]
    [InlineData(BackupDamage.Flip)]
    [InlineData(BackupDamage.Remove)]
    public void A_damaged_message_of_one_account_is_named_and_not_restored(BackupDamage damage)
    {
        Do(damage, FileOf(BackupFileKind.Message));
        Do(damage, FileOf(BackupFileKind.Key));
        var target = _installation.Elsewhere();
        TestDirectories.Make(target.MaildirDirectory);
        var restore = new BackupRestorer(_backup, target);
        var refused = restore.RestoreAccount(_account.Id, new AccountId(5), skipDamaged: false, null, default);
        Assert.False(refused.IsDone);
        Assert.Single(refused.Damaged);
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(target.MaildirDirectory));
        var outcome = restore.RestoreAccount(_account.Id, new AccountId(5), skipDamaged: true, null, default);
        Assert.True(outcome.IsDone);
        Assert.Single(outcome.Damaged);
        Assert.Single(System.IO.Directory.GetFiles(Path.Combine(target.MaildirDirectory, "user_5"), "*,U=*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("line")]
    [InlineData("outside")]
    [InlineData("gone")]
    public void A_damaged_manifest_is_named(string damage)
    {
        var manifest = Path.Combine(_backup, "MANIFEST");
        var lines = File.ReadAllLines(manifest);
        var spool = Array.FindIndex(lines, static l => l.Contains(" spool/", StringComparison.Ordinal));
        if (damage == "cut") lines = lines[..^2];
        if (damage == "line") lines[spool] = "what is this";
        if (damage == "outside") lines[spool] = lines[spool].Replace(" spool/", " ../", StringComparison.Ordinal);
        if (damage == "gone") File.Delete(manifest);
        else File.WriteAllText(manifest, string.Concat(lines.Select(static l => l + "\n")));

        Assert.NotEmpty(_installation.Verify(Path.GetFileName(_backup)));
        var target = _installation.Elsewhere();
        var restore = new BackupRestorer(_backup, target);
        var refused = restore.RestoreAll(skipDamaged: false, null, default);
        Assert.False(refused.IsDone);
        Assert.NotEmpty(refused.Damaged);
        var outcome = restore.RestoreAll(skipDamaged: true, null, default);
        Assert.Equal(damage != "gone", outcome.IsDone);
        Assert.NotEmpty(outcome.Damaged);
        Assert.Equal(damage != "gone", File.Exists(target.DatabaseFile));
    }

    private string FileOf(BackupFileKind kind) => kind switch
    {
        BackupFileKind.Message => System.IO.Directory.GetFiles(_backup, "*,U=*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(),
        BackupFileKind.Key => Path.Combine(_backup, "srs.key"),
        BackupFileKind.Database => Path.Combine(_backup, "mail.db"),
        _ => System.IO.Directory.GetFiles(Path.Combine(_backup, "spool"), "1*").Single(),
    };

    private void Do(BackupDamage damage, string file)
    {
        var octets = File.ReadAllBytes(file);
        File.Delete(file);
        switch (damage)
        {
            case BackupDamage.Flip:
                octets[octets.Length / 2] ^= 1;
                File.WriteAllBytes(file, octets);
                break;
            case BackupDamage.Empty:
                File.WriteAllBytes(file, []);
                break;
            case BackupDamage.Shorten:
                File.WriteAllBytes(file, octets[..^1]);
                break;
            case BackupDamage.Lengthen:
                File.WriteAllBytes(file, [.. octets, 0]);
                break;
            case BackupDamage.ReplaceByLink:
                var outside = Path.Combine(_installation.Root, "outside");
                File.WriteAllBytes(outside, octets);
                File.CreateSymbolicLink(file, outside);
                break;
            case BackupDamage.ReplaceByDirectory:
                TestDirectories.Make(file);
                break;
        }
    }
}
