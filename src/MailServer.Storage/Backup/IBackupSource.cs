using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Backup;

/// <summary>Gives access to the stores of accounts: the actors of a running server, or the stores themselves if no server runs.</summary>
public interface IBackupSource
{
    /// <summary>Links a snapshot of a mailbox into <paramref name="directory"/>, except the messages with <paramref name="known"/> keys.</summary>
    Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel);

    /// <summary>Writes a snapshot of the calendars, contacts and files to a new file.</summary>
    Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel);
}
