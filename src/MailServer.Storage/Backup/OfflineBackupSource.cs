using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Storage.Backup;

/// <summary>Opens the stores directly; fails if a server has them open.</summary>
public sealed class OfflineBackupSource(BackupPaths places, Limits limits, IMessageParser format, TimeProvider time) : IBackupSource
{
    public Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel)
    {
        using var store = MailboxStore.Open(
            new MailboxStoreOptions { Directory = AccountFolder.PathOf(places.MaildirDirectory, account), SpoolDirectory = places.SpoolDirectory, Limits = limits }, format, time);
        return Task.FromResult(store.Copy(directory, known));
    }

    public Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel)
    {
        using var store = CollectionStore.Open(new CollectionStoreOptions { Directory = AccountFolder.PathOf(places.MaildirDirectory, account), Limits = limits }, time);
        store.Read(new Domain.Collections.CollectionRequest.MakeCopy(file));
        return Task.CompletedTask;
    }
}
