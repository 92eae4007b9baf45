using MailServer.Domain.Accounts;
using MailServer.Storage.Backup;
using MailServer.Storage.Directory;
using MailServer.Storage.Tests.SafeFiles;

namespace MailServer.Storage.Tests.Backup;

/// <summary>Whatever is in the data directory: everything else is backed up, in time, and the omitted entries are reported.</summary>
public sealed class IrregularDataTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestInstallation _installation = new();
    private readonly Account _account;

    public IrregularDataTests()
    {
        _account = _installation.AddAccount("ann");
        _installation.Deliver(_account, TestMailbox.Text("one"));
        _installation.Queue(TestMailbox.Text("queued"));
        TestDirectories.Make(Path.Combine(_installation.Data, "dkim"));
        File.WriteAllText(Path.Combine(_installation.Data, "dkim", "good.key"), "key");
    }

    public enum IrregularEntry
    {
        DanglingLink,
        LinkToItself,
        LinksInACircle,
        LinkToAncestor,
        LinkToOwnDirectory,
        LinkToRoot,
        LinkToMail,
        LinkToDatabase,
        Fifo,
        FifoCalledDatabase,
        Socket,
        Device,
        LinkToFifo,
        NewlineInName,
        BackslashInName,
        NameThatIsNotUtf8,
        NamedLikeTheList,
        NamedLikeAReservedFolder,
        FileInPlaceOfReservedFolder,
        EmptyDatabase,
        MarkOfARestore,
    }

    public static TheoryData<IrregularEntry> Cases() => [.. Enum.GetValues<IrregularEntry>()];

    public void Dispose() => _installation.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_backup_is_created_verified_and_restored_despite_irregular_entries(IrregularEntry thing)
    {
        string[] places = ["", "dkim", "spool"];
        foreach (var place in places) Put(thing, Path.Combine(_installation.Data, place));
        for (var night = 0; night < 2; night++)
        {
            var made = await InTime(_installation.BackUp);
            Assert.Equal(thing is IrregularEntry.NameThatIsNotUtf8 ? 2 : 0, made.Problems.Count);
            Assert.Equal(IsSaid(thing), made.Warnings.Count > 0);
            Assert.Empty(await InTime(() => _installation.Verify(made.Name)));
        }

        var target = _installation.Elsewhere();
        var outcome = await InTime(() => _installation.RestoreInto(target));
        Assert.True(outcome.IsDone, string.Join('\n', outcome.Damaged));
        Assert.Equal("key", await File.ReadAllTextAsync(Path.Combine(target.DataDirectory, "dkim", "good.key")));
        Assert.Single(System.IO.Directory.GetFiles(target.MaildirDirectory, "*,U=*", SearchOption.AllDirectories));
        Assert.False(File.Exists(Path.Combine(target.DataDirectory, "restore.incomplete")));
        if (thing is not (IrregularEntry.NewlineInName or IrregularEntry.BackslashInName)) return;
        foreach (var place in places) Assert.Contains(System.IO.Directory.GetFiles(Path.Combine(target.DataDirectory, place)), static f => File.ReadAllText(f) == "odd");
    }

    [Fact]
    public void Key_files_behind_links_are_in_the_backup()
    {
        var outside = TestDirectories.Make(Path.Combine(_installation.Root, "outside"));
        File.WriteAllText(Path.Combine(outside, "real.key"), "real");
        File.CreateSymbolicLink(Path.Combine(_installation.Data, "linked.key"), Path.Combine(outside, "real.key"));
        System.IO.Directory.CreateSymbolicLink(Path.Combine(_installation.Data, "acme"), outside);
        Assert.Empty(_installation.BackUp().Warnings);
        var target = _installation.Elsewhere();
        _installation.RestoreInto(target);
        Assert.Equal("real", File.ReadAllText(Path.Combine(target.DataDirectory, "linked.key")));
        Assert.Equal("real", File.ReadAllText(Path.Combine(target.DataDirectory, "acme", "real.key")));
    }

    [Fact]
    public async Task Retained_mail_of_a_removed_account_is_in_later_backups()
    {
        var removed = _installation.AddAccount("ben");
        _installation.Deliver(removed, TestMailbox.Text("kept"));
        _installation.Deliver(removed, TestMailbox.Text("kept too"));
        _installation.BackUp();
        _installation.RemoveAccount(removed);
        new AccountFolders(_installation.Mail).MarkRemoved(removed);
        for (var night = 0; night < 2; night++)
        {
            var made = _installation.BackUp();
            Assert.Empty(made.Problems);
            Assert.Empty(_installation.Verify(made.Name));
            Assert.True(night == 0 || made.NewFiles < made.Files - 2, "the mail was copied anew");
        }

        var target = _installation.Elsewhere();
        _installation.RestoreInto(target);
        var kept = AccountFolder.PathOf(target.MaildirDirectory, removed.Id);
        Assert.Equal(2, System.IO.Directory.GetFiles(kept, "*,U=*", SearchOption.AllDirectories).Length);
        Assert.True(FolderOwner.Load(kept)!.IsRemoved);
        Assert.True(new AccountFolders(target.MaildirDirectory).HighestId() >= removed.Id.Value);
        var found = (await BackupAccounts.ReadAsync(_installation.Folder.Find(null), TimeProvider.System, default)).Ids;
        Assert.Equal(removed.Id, found[removed.Address]);
    }

    [Fact]
    public void A_check_of_a_restored_mailbox_finds_no_problem()
    {
        using (var store = _installation.OpenMailbox(_account)) store.CreateFolder(Domain.Mailboxes.FolderName.Parse("Archive/2026"), Domain.Mailboxes.FolderRole.None);
        _installation.Deliver(_account, TestMailbox.Text("two"), "Archive/2026");
        _installation.BackUp();
        var target = _installation.Elsewhere();
        _installation.RestoreInto(target);
        using var restored = _installation.OpenMailbox(_account, target.MaildirDirectory);
        var found = restored.Check(repair: false);
        Assert.Empty(found.Problems);
        Assert.Equal(2, found.Messages);
    }

    [Fact]
    public void One_unreadable_message_does_not_exclude_the_others()
    {
        _installation.Deliver(_account, TestMailbox.Text("two"));
        _installation.BackUp();
        Assert.Empty(_installation.BackUp().Problems);
        // Damage to a listed file must not end the backup either.
        var file = _installation.Messages(_account)[0];
        File.Delete(file);
        Assert.Empty(_installation.BackUp().Problems);
    }

    [Fact]
    public async Task Failed_and_interrupted_backups_leave_nothing_behind()
    {
        var good = _installation.BackUp();
        TestDirectories.Make(Path.Combine(_installation.Folder.Path, ".partial-20200101T000000Z", "maildir"));
        await File.WriteAllTextAsync(Path.Combine(_installation.Folder.Path, ".partial-20200101T000000Z", "MANIFEST"), "half");
        var writer = new BackupWriter(_installation.Places, _installation.Folder, new FailingSource(), _installation.Clock);
        await Assert.ThrowsAnyAsync<Exception>(() => writer.RunAsync([_account.Id], null, default));
        Assert.Equal([good.Name], System.IO.Directory.GetFileSystemEntries(_installation.Folder.Path).Select(Path.GetFileName).Where(static n => n != DataDirectoryLock.FileName));
        Assert.False(System.IO.Directory.Exists(Path.Combine(_installation.Mail, ".backup")));
        Assert.Empty(_installation.BackUp().Problems);
    }

    private static Task<T> InTime<T>(Func<T> work) => Task.Run(work).WaitAsync(Patience);

    /// <summary>The other entries are in the backup anyway, or do not belong in it.</summary>
    private static bool IsSaid(IrregularEntry thing) => thing is not (IrregularEntry.NewlineInName or IrregularEntry.BackslashInName or IrregularEntry.NameThatIsNotUtf8 or IrregularEntry.MarkOfARestore
        or IrregularEntry.EmptyDatabase or IrregularEntry.LinkToMail or IrregularEntry.LinkToDatabase);

    private void Put(IrregularEntry thing, string directory)
    {
        var odd = Path.Combine(directory, "odd");
        switch (thing)
        {
            case IrregularEntry.DanglingLink:
                File.CreateSymbolicLink(odd, Path.Combine(directory, "nowhere"));
                break;
            case IrregularEntry.LinkToItself:
                File.CreateSymbolicLink(odd, odd);
                break;
            case IrregularEntry.LinksInACircle:
                File.CreateSymbolicLink(odd, odd + "2");
                File.CreateSymbolicLink(odd + "2", odd);
                break;
            case IrregularEntry.LinkToAncestor:
                System.IO.Directory.CreateSymbolicLink(odd, _installation.Data);
                break;
            case IrregularEntry.LinkToOwnDirectory:
                System.IO.Directory.CreateSymbolicLink(odd, Path.Combine(_installation.Data, "dkim"));
                break;
            case IrregularEntry.LinkToRoot:
                System.IO.Directory.CreateSymbolicLink(odd, "/");
                break;
            case IrregularEntry.LinkToMail:
                System.IO.Directory.CreateSymbolicLink(odd, _installation.Mail);
                break;
            case IrregularEntry.LinkToDatabase:
                File.CreateSymbolicLink(odd + ".db", _installation.Places.DatabaseFile);
                break;
            case IrregularEntry.Fifo:
                IrregularFiles.Put(IrregularFile.Fifo, directory, "odd", _installation.Root);
                break;
            case IrregularEntry.FifoCalledDatabase:
                IrregularFiles.Put(IrregularFile.Fifo, directory, "odd.db", _installation.Root);
                break;
            case IrregularEntry.Socket:
                IrregularFiles.Put(IrregularFile.Socket, directory, "odd", _installation.Root);
                break;
            case IrregularEntry.Device:
                IrregularFiles.Put(IrregularFile.Device, directory, "odd", _installation.Root);
                break;
            case IrregularEntry.LinkToFifo:
                if (!Path.Exists(Path.Combine(_installation.Root, "pipe"))) IrregularFiles.Put(IrregularFile.Fifo, _installation.Root, "pipe", _installation.Root);
                File.CreateSymbolicLink(odd, Path.Combine(_installation.Root, "pipe"));
                break;
            case IrregularEntry.NewlineInName:
                File.WriteAllText(odd + "\nend 1\r", "odd");
                break;
            case IrregularEntry.BackslashInName:
                File.WriteAllText(odd + "\\n", "odd");
                break;
            case IrregularEntry.NameThatIsNotUtf8:
                IrregularFiles.Put(IrregularFile.NameThatIsNotUtf8, directory, "odd", _installation.Root);
                break;
            case IrregularEntry.NamedLikeTheList:
                File.WriteAllText(Path.Combine(directory, "MANIFEST"), "mine");
                break;
            case IrregularEntry.NamedLikeAReservedFolder:
                foreach (var name in new[] { "others", "database" })
                    File.WriteAllText(Path.Combine(TestDirectories.Make(Path.Combine(directory, name)), "x"), "x");
                break;
            case IrregularEntry.FileInPlaceOfReservedFolder:
                foreach (var name in new[] { "others", "database" }) File.WriteAllText(Path.Combine(directory, name), "x");
                break;
            case IrregularEntry.EmptyDatabase:
                File.WriteAllText(odd + ".db", "");
                break;
            case IrregularEntry.MarkOfARestore:
                File.WriteAllText(Path.Combine(_installation.Data, "restore.incomplete"), "");
                break;
        }
    }

    /// <summary>Fails like a stopping server.</summary>
    private sealed class FailingSource : IBackupSource
    {
        public Task<Domain.Mailboxes.MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel) =>
            throw new InvalidOperationException("stopped");

        public Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel) => Task.CompletedTask;
    }
}
