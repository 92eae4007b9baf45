using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Postgres;

namespace MailServer.Storage.Backup;

/// <summary>Whoever owns the stores of accounts: the actors of a running server, or the command line when none runs.</summary>
public interface IBackupSource
{
    /// <summary>Links the mailbox as it is now into <paramref name="directory"/>, but for what is <paramref name="known"/>.</summary>
    Task<MailboxCopy> CopyMailboxAsync(AccountId account, string directory, IReadOnlySet<string> known, CancellationToken cancel);

    /// <summary>Writes the calendars, contacts and files as they are now into a new file.</summary>
    Task CopyCollectionsAsync(AccountId account, string file, CancellationToken cancel);
}

/// <summary>Where everything of an installation lies.</summary>
public sealed record BackupPlaces
{
    public required string DataDirectory { get; init; }

    public required string MaildirDirectory { get; init; }

    public required string DatabaseFile { get; init; }

    /// <summary>Files outside of the data directory that belong to it, with the names they get in the backup: the configuration, keys.</summary>
    public IReadOnlyList<(string Name, string File)> Others { get; init; } = [];

    /// <summary>Opens the database that the nodes of a cluster share, which has directory, bans and journal; null: they are files.</summary>
    public Func<PostgresDatabase>? Shared { get; init; }

    /// <summary>What this node alone writes, of several; the others' is not copied.</summary>
    public string? NodeDirectory { get; init; }

    public string SpoolDirectory => Path.Combine(DataDirectory, "spool");

    /// <summary>On the file system of the mail, so that files can be linked into it.</summary>
    internal string StagingDirectory => Path.Combine(MaildirDirectory, ".backup");
}
