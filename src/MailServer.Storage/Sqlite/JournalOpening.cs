namespace MailServer.Storage.Sqlite;

/// <summary>What the journal is, compared with the one that this spool was used with before.</summary>
public enum JournalCondition
{
    /// <summary>The same, as far as can be told.</summary>
    Continued,

    /// <summary>There was none, or it could not be read and was set aside: it knows nothing of what lies in the spool.</summary>
    New,

    /// <summary>An older copy, or that of another server: what it says of the spool may be out of date.</summary>
    Replaced,

    /// <summary>It cannot be opened for writing now.</summary>
    Unusable,
}

/// <summary>How opening the journal went.</summary>
/// <param name="Condition">What it is.</param>
/// <param name="Fault">What was wrong with the file, or is; null when nothing was.</param>
/// <param name="SetAside">The new name of the file that could not be used; null when there was none.</param>
public sealed record JournalOpening(JournalCondition Condition, string? Fault = null, string? SetAside = null);
