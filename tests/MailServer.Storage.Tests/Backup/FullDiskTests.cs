using System.Diagnostics;
using System.Globalization;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Backup;

namespace MailServer.Storage.Tests.Backup;

/// <summary>A disk that takes no more ends a backup and is not kept full by what it left; a restore onto it leaves nothing.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TestInstallation _installation = new();
    private readonly Account _account;
    private string? _mounted;

    public FullDiskTests()
    {
        _account = _installation.AddAccount("ann");
        for (var i = 0; i < 8; i++) _installation.Deliver(_account, TestMailbox.Text($"message {i}", new string('x', 100_000) + "\r\n"));
    }

    /// <summary>Only root can make a small disk; for others a directory that allows no writing stands for one.</summary>
    private static bool IsRoot => Environment.UserName == "root";

    public void Dispose()
    {
        if (_mounted is not null) Run("umount", _mounted);
        _installation.Dispose();
    }

    [Fact]
    public void A_backup_that_does_not_fit_leaves_nothing_and_one_that_fits_is_made_there_later()
    {
        var folder = Directories.Make(_installation.Folder.Path);
        if (IsRoot) Mount(folder, "400k");
        Action attempt = IsRoot ? () => _installation.BackUp() : BackUpToReadOnly;
        Assert.ThrowsAny<IOException>(attempt);
        Assert.False(System.IO.Directory.Exists(Path.Combine(_installation.Mail, ".backup")));
        if (IsRoot)
        {
            Assert.Empty(System.IO.Directory.GetFileSystemEntries(folder));
            Run("mount", "-o", "remount,size=20m", folder);
        }

        var made = _installation.BackUp();
        Assert.Empty(made.Problems);
        Assert.Empty(_installation.Verify(made.Name));
        Assert.Equal([made.Name], System.IO.Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_restore_that_does_not_fit_leaves_nothing()
    {
        _installation.BackUp();
        var target = _installation.Elsewhere();
        Directories.Make(target.DataDirectory);
        if (IsRoot) Mount(target.DataDirectory, "400k");
        else File.SetUnixFileMode(Directories.Make(target.MaildirDirectory), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var restore = new BackupRestore(_installation.Folder.Find(null), target);
        Assert.ThrowsAny<Exception>(() => restore.RestoreAll(skipDamaged: true, null, default));
        Assert.DoesNotContain(TestInstallation.Picture(target.DataDirectory).Keys, static p => !p.EndsWith('/'));
        if (IsRoot) Run("mount", "-o", "remount,size=20m", target.DataDirectory);
        else if (System.IO.Directory.Exists(target.MaildirDirectory)) File.SetUnixFileMode(target.MaildirDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.True(_installation.RestoreInto(target).IsDone);
    }

    private void BackUpToReadOnly()
    {
        var source = new ClosingSource(_installation);
        try
        {
            new BackupWriter(_installation.Places, _installation.Folder, source, _installation.Clock).RunAsync([_account.Id], null, default).GetAwaiter().GetResult();
        }
        finally
        {
            foreach (var partial in System.IO.Directory.GetDirectories(_installation.Folder.Path)) File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void Mount(string directory, string size)
    {
        Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={size}"), "none", directory);
        _mounted = directory;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Takes the right to write from the backup in the midst of it.</summary>
    private sealed class ClosingSource(TestInstallation installation) : IBackupSource
    {
        public Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel)
        {
            foreach (var partial in System.IO.Directory.GetDirectories(installation.Folder.Path)) File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return new StoppedServerSource(installation.Places, Limits.Default, new TestFormat(), TimeProvider.System).CopyMailboxAsync(account, directory, known, cancel);
        }

        public Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel) => Task.CompletedTask;
    }
}
