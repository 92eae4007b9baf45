namespace MailServer.Domain.Mailboxes;

/// <summary>What became of an imported message.</summary>
public enum ImportOutcome
{
    Filed,

    /// <summary>An earlier import has filed it.</summary>
    AlreadyThere,

    /// <summary>The disk, the database or the mailbox failed: it may be filed later.</summary>
    Unavailable,

    OverQuota,

    /// <summary>A limit on folders, keywords or UIDs.</summary>
    LimitReached,

    /// <summary>Its folder cannot be created.</summary>
    NoFolder,
}
