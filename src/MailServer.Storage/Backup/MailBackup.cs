using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>Copies mail, calendars and contacts into a backup, for all accounts and for removed ones whose mail was kept.</summary>
internal sealed class MailBackup(BackupContext run, IBackupSource source)
{
    private const string Folder = "maildir";

    private readonly Dictionary<string, BackupEntry> _copied = new(StringComparer.Ordinal);

    public async Task RunAsync(IReadOnlyList<AccountId> accounts, CancellationToken cancel)
    {
        foreach (var account in accounts)
        {
            run.Target.ReportStep(NameOf(account));
            await run.TryAsync(() => CopyMailAsync(account, cancel), $"the mail of {NameOf(account)}");
            await run.TryAsync(() => CopyCollectionsAsync(account, cancel), $"the calendars and contacts of {NameOf(account)}");
        }

        await Task.Run(
            () =>
            {
                foreach (var folder in AccountFolder.List(run.Places.MaildirDirectory).Except(accounts)) CopyKept(folder, cancel);
                var highest = Path.Combine(run.Places.MaildirDirectory, AccountFolders.HighestName);
                if (FileStat.Find(highest) is { Kind: FileKind.Regular }) run.TryCopy(highest, $"{Folder}/{AccountFolders.HighestName}");
            },
            cancel);
    }

    private static string NameOf(AccountId account) => string.Create(CultureInfo.InvariantCulture, $"user_{account.Value}");

    private async Task CopyMailAsync(AccountId account, CancellationToken cancel)
    {
        var folder = $"{Folder}/{NameOf(account)}";
        // Reading and copying block, but the caller may run on a thread of the server.
        var usable = await Task.Run(() => run.Previous.Usable(folder, cancel), cancel);
        var staging = Path.Combine(run.Places.StagingDirectory, NameOf(account));
        var copy = await source.CopyMailboxAsync(account, staging, usable.Keys.ToHashSet(StringComparer.Ordinal), cancel);
        run.Warnings.AddRange(copy.Warnings);
        var lost = await Task.Run(() => CopyAll(copy, staging, folder, usable, cancel), cancel);
        if (lost.Count > 0) await CopyLostAsync(account, lost, folder, usable, cancel);
        BackupRepository.Remove(staging);
    }

    /// <summary>Copies the files of a mailbox snapshot; returns the messages that should have been linked from the previous backup but could not be.</summary>
    private List<CopiedMessage> CopyAll(MailboxCopy copy, string staging, string folder, IReadOnlyDictionary<string, BackupEntry> usable, CancellationToken cancel)
    {
        run.Target.Expect(copy.Files.Count);
        foreach (var file in System.IO.Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories).Where(static f => !IsMessage(f)).ToArray())
            run.TryCopy(file, $"{folder}/{Path.GetRelativePath(staging, file)}");
        var lost = new List<CopiedMessage>();
        foreach (var message in copy.Files)
        {
            cancel.ThrowIfCancellationRequested();
            if (message.IsLinked) CopyMessage(Path.Combine(staging, message.Path), message.Key, $"{folder}/{message.Path}");
            else if (!TryShare(usable[message.Key!], $"{folder}/{message.Path}")) lost.Add(message);
        }

        foreach (var directory in System.IO.Directory.EnumerateDirectories(staging, "*", SearchOption.AllDirectories))
            run.Target.MakeDirectory(Path.Combine(run.Target.Directory, folder, Path.GetRelativePath(staging, directory)));
        return lost;
    }

    /// <summary>Copies messages from the mailbox that could not be linked from the previous backup; those expunged in the meantime are omitted.</summary>
    private async Task CopyLostAsync(AccountId account, List<CopiedMessage> lost, string folder, IReadOnlyDictionary<string, BackupEntry> usable, CancellationToken cancel)
    {
        var wanted = lost.Select(static m => m.Key!).ToHashSet(StringComparer.Ordinal);
        var staging = Path.Combine(run.Places.StagingDirectory, NameOf(account) + ".again");
        var copy = await source.CopyMailboxAsync(account, staging, usable.Keys.Where(k => !wanted.Contains(k)).ToHashSet(StringComparer.Ordinal), cancel);
        var found = copy.Files.Where(m => m.IsLinked && m.Key is not null && wanted.Contains(m.Key)).GroupBy(static m => m.Key!).ToDictionary(static g => g.Key, static g => g.First().Path);
        await Task.Run(
            () =>
            {
                foreach (var message in lost)
                    if (found.TryGetValue(message.Key!, out var file)) CopyMessage(Path.Combine(staging, file), message.Key, $"{folder}/{message.Path}");
            },
            cancel);
        BackupRepository.Remove(staging);
    }

    private async Task CopyCollectionsAsync(AccountId account, CancellationToken cancel)
    {
        var path = $"{Folder}/{NameOf(account)}/dav.db";
        // Copied before and after the database, so that the mark exists if the copy contains waiting messages.
        CopyMark(account, PendingSchedulingMarker.FileName);
        try
        {
            await source.CopyCollectionsAsync(account, run.Target.PathOf(path), cancel);
            run.Target.AddWritten(path);
        }
        catch (IOException)
        {
            // An incomplete copy is useless.
            run.Target.RemoveIncomplete(path);
            throw;
        }

        CopyMark(account, PendingSchedulingMarker.FileName);
        CopyMark(account, CalendarsExistMarker.FileName);
    }

    private void CopyMark(AccountId account, string name)
    {
        var path = $"{Folder}/{NameOf(account)}/{name}";
        var file = Path.Combine(AccountFolder.PathOf(run.Places.MaildirDirectory, account), name);
        if (!run.Target.Has(path) && FileStat.Find(file) is { Kind: FileKind.Regular }) run.TryCopy(file, path);
    }

    /// <summary>Copies the folder of a removed account, which has no owner that has it open.</summary>
    private void CopyKept(AccountId account, CancellationToken cancel)
    {
        var folder = $"{Folder}/{NameOf(account)}";
        run.Target.ReportStep(NameOf(account));
        var usable = run.Previous.Usable(folder, cancel);
        var walk = new DirectoryWalker(AccountFolder.PathOf(run.Places.MaildirDirectory, account), followsLinks: false);
        walk.Run(folder);
        foreach (var directory in walk.Directories) run.Target.MakeDirectory(Path.Combine(run.Target.Directory, directory));
        foreach (var (file, path) in walk.Files)
        {
            cancel.ThrowIfCancellationRequested();
            var name = Path.GetFileName(file);
            if (IsMessage(file)) CopyKeptMessage(file, path, usable);
            else if (name == "dav.db") run.TryCopyDatabase(file, path);
            else if (name is not ("index.db" or "search.db") && !BackupContext.IsExcluded(name)) run.TryCopy(file, path);
        }

        run.Report(walk);
    }

    private void CopyKeptMessage(string file, string path, IReadOnlyDictionary<string, BackupEntry> usable)
    {
        var key = MessageFileName.KeyOf(path);
        var isKnown = key is not null && usable.TryGetValue(key, out var entry) && FileStat.Find(file)?.Size == entry.Size && TryShare(entry, path);
        if (!isKnown) CopyMessage(file, key, path);
    }

    private bool TryShare(BackupEntry entry, string path)
    {
        if (!run.Previous.TryShare(entry, run.Target.PathOf(path))) return false;
        run.Target.AddShared(entry with { Path = path });
        return true;
    }

    /// <summary>Copies a message, or links it if another folder contained it already.</summary>
    private void CopyMessage(string file, string? key, string path)
    {
        if (key is not null && _copied.TryGetValue(key, out var earlier) && FileStat.Find(file)?.Size == earlier.Size && run.Target.TryLinkDuplicate(earlier, path)) return;
        if (run.TryCopy(file, path) is { } entry && key is not null) _copied.TryAdd(key, entry);
    }

    private static bool IsMessage(string file) => Path.GetFileName(Path.GetDirectoryName(file)) is "cur" or "new";
}
