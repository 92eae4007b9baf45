using MailServer.Domain;

namespace MailServer.Configuration;

/// <summary>Section <c>storage</c>.</summary>
public sealed record StorageOptions
{
    [Key("Mail, accounts, keys and the queue.")]
    public string DataDir { get; init; } = "/var/lib/mailserver";

    [Key("The database of domains, users and aliases. Default: `mail.db` in `data_dir`.", Example = "/var/lib/mailserver/mail.db")]
    public string DatabasePath { get => ConfiguredDatabasePath ?? Path.Combine(DataDir, "mail.db"); init => ConfiguredDatabasePath = value; }

    [Key(
        "The folder with one mailbox folder for each user, on the same file system as `data_dir`. Default: `maildir` in `data_dir`.",
        Example = "/var/lib/mailserver/maildir")]
    public string MaildirPath { get => ConfiguredMaildirPath ?? Path.Combine(DataDir, "maildir"); init => ConfiguredMaildirPath = value; }

    /// <summary>The configured path; null: the default.</summary>
    internal string? ConfiguredDatabasePath { get; private init; }

    /// <summary>The configured path; null: the default.</summary>
    internal string? ConfiguredMaildirPath { get; private init; }

    [Key("The directory of the backups that the web page makes, verifies and restores from. Default: that of the last backup. The server needs write access (under systemd: `ReadWritePaths=`).", Example = "/var/backups/mailserver")]
    public string? BackupDir { get; init; }

    [Key("The largest contact with its photo (a photo of 10 MB takes 14 MB in Base64), from 100KB to 100MB.")]
    public long MaxContactSize { get; init; } = Limits.Default.DavContact;

    /// <summary>The name of this node if it shares the data directory with other nodes; otherwise null.</summary>
    internal string? Node { get; init; }

    /// <summary>The folder that only this node writes to; in a cluster a subfolder per node.</summary>
    public string NodeDir => Node is null ? DataDir : Path.Combine(DataDir, "node", Node);

    /// <summary>The cache of other domains' MTA-STS policies.</summary>
    public string MtaStsPath => Path.Combine(NodeDir, "mta-sts.db");

    /// <summary>Known contacts, greylisting and sending counters.</summary>
    public string TrustPath => Path.Combine(NodeDir, "trust.db");

    /// <summary>Accepted messages that are not yet delivered to all recipients. Must be on the file system of the Maildirs, because messages are hard-linked into them.</summary>
    public string SpoolPath => Path.Combine(DataDir, "spool");

    /// <summary>The journal of the outbound queue; in a cluster it is in the shared database.</summary>
    public string JournalPath => Path.Combine(DataDir, "journal.db");

    /// <summary>The traces of messages.</summary>
    public string TracePath => Path.Combine(NodeDir, "trace.db");

    /// <summary>The history of messages, traffic, queue and sign-ins.</summary>
    public string HistoryPath => Path.Combine(NodeDir, "history.db");

    /// <summary>The audit log and the bans.</summary>
    public string AccessPath => Path.Combine(NodeDir, "access.db");

    /// <summary>Sent and received DMARC and TLS reports. In a cluster a single node handles them.</summary>
    public string ReportsPath => Path.Combine(DataDir, "reports.db");

    /// <summary>The Unix socket of the admin API.</summary>
    public string AdminSocketPath => Path.Combine(NodeDir, "admin.sock");
}
