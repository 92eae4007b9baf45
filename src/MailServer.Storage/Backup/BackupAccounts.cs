using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>Lists the accounts in a backup: those of its directory, and removed ones whose mail was kept.</summary>
public static class BackupAccounts
{
    /// <summary>Returns the account ids in the backup by address. The backup is not modified: a copy of its directory is opened.</summary>
    /// <exception cref="IOException">The directory in the backup cannot be read.</exception>
    public static async ValueTask<IReadOnlyDictionary<EmailAddress, AccountId>> ReadAsync(string backup, TimeProvider time, CancellationToken cancel)
    {
        var accounts = new Dictionary<EmailAddress, AccountId>();
        foreach (var owner in Owners(backup))
            if (EmailAddress.TryParse(owner.Address, out var address)) accounts[address] = owner.Id;
        var copy = System.IO.Directory.CreateTempSubdirectory("mailserver-restore-").FullName;
        try
        {
            var file = Path.Combine(copy, "mail.db");
            using (var source = SafeFileReader.OpenBeneath(backup, "mail.db")) PrivateFile.Copy(source, file);
            using var directory = DirectoryStore.Open(file, create: false, time);
            foreach (var account in await directory.Administration.ListAccountsAsync(null, cancel)) accounts[account.Address] = account.Id;
        }
        finally
        {
            BackupRepository.Remove(copy);
        }

        return accounts;
    }

    private static IEnumerable<FolderOwner> Owners(string backup)
    {
        var mail = Path.Combine(backup, "maildir");
        // If two accounts had the same address one after the other, the later one counts.
        foreach (var id in AccountFolder.List(mail).OrderBy(static id => id.Value))
        {
            FolderOwner? owner = null;
            try
            {
                owner = FolderOwner.Load(AccountFolder.PathOf(mail, id));
            }
            catch (Exception e) when (BackupManifest.IsUnreadable(e))
            {
                // The restore reports it as damaged.
            }

            if (owner is not null) yield return owner with { Id = id };
        }
    }
}
