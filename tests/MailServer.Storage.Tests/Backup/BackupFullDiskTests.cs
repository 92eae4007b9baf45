using System.Diagnostics;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Backup;

namespace MailServer.Storage.Tests.Backup;

/// <summary>
/// A full disk ends a backup, whose partial files are removed; a restore onto it leaves nothing. Where no small disk can be mounted,
/// writes fail in another way.
/// </summary>
public sealed class BackupFullDiskTests : IDisposable
{
    private readonly TestInstallation _installation = new();
    private readonly Account _account;
    private string? _mounted;

    public BackupFullDiskTests()
    {
        _account = _installation.AddAccount("ann");
        for (var i = 0; i < 8; i++) _installation.Deliver(_account, TestMailbox.Text($"message {i}", new string('x', 100_000) + "\r\n"));
    }

    public void Dispose()
    {
        if (_mounted is not null) Run("umount", _mounted);
        _installation.Dispose();
    }

    [Fact]
    public async Task A_backup_that_does_not_fit_leaves_nothing_and_a_later_one_succeeds()
    {
        var folder = TestDirectories.Make(_installation.Folder.Path);
        IBackupSource source = new OfflineBackupSource(_installation.Places, Limits.Default, new TestMessageFormat(), _installation.Clock);
        if (!MountSmall(folder)) source = new LosingSource(source, folder);
        await Assert.ThrowsAnyAsync<IOException>(() => new BackupWriter(_installation.Places, _installation.Folder, source, _installation.Clock).RunAsync([_account.Id], null, default));
        Assert.False(System.IO.Directory.Exists(Path.Combine(_installation.Mail, ".backup")));
        Assert.Empty(System.IO.Directory.GetDirectories(folder));
        Enlarge();

        var made = _installation.BackUp();
        Assert.Empty(made.Problems);
        Assert.Empty(_installation.Verify(made.Name));
        Assert.Equal([made.Name], System.IO.Directory.GetDirectories(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_restore_that_does_not_fit_leaves_nothing()
    {
        _installation.BackUp();
        var target = _installation.Elsewhere();
        TestDirectories.Make(target.DataDirectory);
        var progress = MountSmall(target.DataDirectory) ? null : new FailingProgress();
        var restore = new BackupRestorer(_installation.Folder.Find(null), target);
        Assert.ThrowsAny<IOException>(() => restore.RestoreAll(skipDamaged: true, progress, default));
        Assert.DoesNotContain(TestInstallation.Picture(target.DataDirectory).Keys, static p => !p.EndsWith('/'));
        Enlarge();
        Assert.True(_installation.RestoreInto(target).IsDone);
    }

    /// <summary>False where mounting is not permitted.</summary>
    private bool MountSmall(string directory)
    {
        if (Run("mount", "-t", "tmpfs", "-o", "size=400k", "none", directory) != 0) return false;
        _mounted = directory;
        return true;
    }

    private void Enlarge()
    {
        if (_mounted is not null) Assert.Equal(0, Run("mount", "-o", "remount,size=20m", _mounted));
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Removes the directory from the backup while it is being written.</summary>
    private sealed class LosingSource(IBackupSource source, string folder) : IBackupSource
    {
        public Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel)
        {
            foreach (var partial in System.IO.Directory.GetDirectories(folder))
            {
                System.IO.Directory.Delete(partial, recursive: true);
                File.WriteAllText(partial, "");
            }

            return source.CopyMailboxAsync(account, directory, known, cancel);
        }

        public Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel) => source.CopyCollectionsAsync(account, file, cancel);
    }

    private sealed class FailingProgress : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
        {
            if (value.Done == 3) throw new IOException("no space left on device");
        }
    }
}
