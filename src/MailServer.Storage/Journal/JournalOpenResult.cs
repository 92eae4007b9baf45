namespace MailServer.Storage.Journal;

/// <summary>How the journal relates to the one that was last used with this spool.</summary>
public enum JournalCondition
{
    /// <summary>It is the same journal.</summary>
    Continued,

    /// <summary>The journal is new, or was unreadable and set aside: it has no information about the messages in the spool.</summary>
    New,

    /// <summary>It is an older copy, or the journal of another server: its information about the spool may be outdated.</summary>
    Replaced,

    /// <summary>The journal cannot be opened for writing.</summary>
    Unusable,
}

/// <summary>The result of opening the journal.</summary>
/// <param name="Condition">The state of the journal.</param>
/// <param name="Fault">What is or was wrong with the file; null if nothing.</param>
/// <param name="SetAside">The new name of an unusable file; null if there was none.</param>
public sealed record JournalOpenResult(JournalCondition Condition, string? Fault = null, string? SetAside = null);
