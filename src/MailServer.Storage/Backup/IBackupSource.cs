using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Backup;

/// <summary>Whoever owns the stores of accounts: the actors of a running server, or the command line when none runs.</summary>
public interface IBackupSource
{
    /// <summary>Links the mailbox as it is now into <paramref name="directory"/>, but for what is <paramref name="known"/>.</summary>
    Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel);

    /// <summary>Writes the calendars, contacts and files as they are now into a new file.</summary>
    Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel);
}
