namespace MailServer.Domain.Mailboxes;

/// <summary>The result of importing a message.</summary>
public enum ImportOutcome
{
    Filed,

    /// <summary>The message was stored by an earlier import.</summary>
    AlreadyThere,

    /// <summary>The disk, the database or the mailbox failed; the import can be repeated.</summary>
    Unavailable,

    OverQuota,

    /// <summary>A limit on folders, keywords or UIDs was reached.</summary>
    LimitReached,

    /// <summary>The folder cannot be created.</summary>
    NoFolder,
}
