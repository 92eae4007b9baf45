namespace MailServer.Storage.Health;

/// <summary>How a damaged database is handled.</summary>
public enum StoreRecovery
{
    /// <summary>It is set aside and replaced by an empty one.</summary>
    Emptied,

    /// <summary>It is set aside and rebuilt from the message files.</summary>
    Rebuilt,

    /// <summary>It is left unchanged and unused until <c>mailserver check --repair</c> salvages it or restores its snapshot.</summary>
    Repaired,
}

/// <summary>A kind of database file.</summary>
/// <param name="Name">File name.</param>
/// <param name="IsOfAccount">True if each account has one in its folder, false if there is one per node.</param>
/// <param name="Recovery">How a damaged file is handled.</param>
/// <param name="Lost">What is missing after a damaged file was replaced, for administrators.</param>
public sealed record DatabaseKind(string Name, bool IsOfAccount, StoreRecovery Recovery, string Lost)
{
    public static DatabaseKind Directory { get; } = new("mail.db", false, StoreRecovery.Repaired, "changes of domains, accounts, aliases and passwords since the last snapshot");

    public static DatabaseKind Journal { get; } = new("journal.db", false, StoreRecovery.Rebuilt, "the retry times of queued messages");

    public static DatabaseKind Access { get; } = new("access.db", false, StoreRecovery.Emptied, "earlier bans and audit events are missing");

    public static DatabaseKind Trust { get; } = new("trust.db", false, StoreRecovery.Emptied, "greylisting state and counters of sent mail are missing");

    public static DatabaseKind Trace { get; } = new("trace.db", false, StoreRecovery.Emptied, "traces of earlier messages are missing");

    public static DatabaseKind Reports { get; } = new("reports.db", false, StoreRecovery.Emptied, "received reports and unsent observations are missing");

    public static DatabaseKind MtaSts { get; } = new("mta-sts.db", false, StoreRecovery.Emptied, "policies will be fetched again");

    public static DatabaseKind History { get; } = new("history.db", false, StoreRecovery.Emptied, "the history of earlier traffic is missing");

    public static DatabaseKind Index { get; } = new("index.db", true, StoreRecovery.Rebuilt, "it was rebuilt from the message files; keywords beyond the first 26 of a folder are missing");

    public static DatabaseKind Collections { get; } = new("dav.db", true, StoreRecovery.Repaired, "changes of calendars, contacts and files since the last snapshot");

    public static DatabaseKind Search { get; } = new("search.db", true, StoreRecovery.Rebuilt, "it is being built again from the messages; until then searches for text take longer");

    /// <summary>All databases that the server writes.</summary>
    public static IReadOnlyList<DatabaseKind> All { get; } = [Directory, Journal, Access, Trust, Trace, Reports, MtaSts, History, Index, Search, Collections];
}
