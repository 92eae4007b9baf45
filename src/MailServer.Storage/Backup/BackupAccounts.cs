using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using MailServer.Storage.SafeFiles;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>The accounts in a backup.</summary>
/// <param name="Ids">The account ids by address.</param>
/// <param name="Damage">Why the directory in the backup cannot be used, so that only the owners of the account folders are known; null if it can.</param>
public sealed record BackupAccountList(IReadOnlyDictionary<EmailAddress, AccountId> Ids, string? Damage);

/// <summary>Lists the accounts in a backup: those of its directory, and those that only the folders name: removed ones whose mail was kept, or all if the directory is damaged.</summary>
public static class BackupAccounts
{
    private const string DirectoryFile = "mail.db";

    /// <summary>Returns the accounts in the backup. The backup is not modified: a copy of its directory is opened.</summary>
    public static async ValueTask<BackupAccountList> ReadAsync(string backup, TimeProvider time, CancellationToken cancel)
    {
        var accounts = new Dictionary<EmailAddress, AccountId>();
        foreach (var owner in Owners(backup))
            if (EmailAddress.TryParse(owner.Address, out var address)) accounts[address] = owner.Id;
        if (FindDamage(backup) is { } damage) return new BackupAccountList(accounts, damage);
        try
        {
            foreach (var account in await ReadDirectoryAsync(backup, time, cancel)) accounts[account.Address] = account.Id;
            return new BackupAccountList(accounts, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or DirectoryException or SqliteException)
        {
            return new BackupAccountList(accounts, $"{DirectoryFile}: {e.Message}");
        }
    }

    /// <summary>Compares the directory with the manifest: a changed one could name the wrong folder.</summary>
    private static string? FindDamage(string backup)
    {
        try
        {
            using var reader = new HashingCopier();
            var entry = BackupManifest.Read(backup, static _ => { }).FirstOrDefault(static e => e.Path == DirectoryFile);
            return entry.Path is not null && reader.FindDamage(backup, entry) is { } damage ? $"{DirectoryFile}: {damage}" : null;
        }
        catch (Exception e) when (BackupManifest.IsUnreadable(e))
        {
            // The restore reports a damaged manifest.
            return null;
        }
    }

    private static async ValueTask<IReadOnlyList<Account>> ReadDirectoryAsync(string backup, TimeProvider time, CancellationToken cancel)
    {
        var copy = System.IO.Directory.CreateTempSubdirectory("mailserver-restore-").FullName;
        try
        {
            var file = Path.Combine(copy, DirectoryFile);
            using (var source = SafeFileReader.OpenBeneath(backup, DirectoryFile)) PrivateFile.Copy(source, file);
            using var directory = DirectoryStore.Open(file, create: false, time);
            return await directory.Administration.ListAccountsAsync(null, cancel);
        }
        finally
        {
            BackupRepository.Remove(copy);
        }
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
