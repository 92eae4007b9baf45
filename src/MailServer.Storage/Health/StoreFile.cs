namespace MailServer.Storage.Health;

/// <summary>What happens to a database that is damaged.</summary>
public enum StoreRecovery
{
    /// <summary>It is set aside, and an empty one takes its place.</summary>
    Emptied,

    /// <summary>It is set aside and made again from the message files.</summary>
    Rebuilt,

    /// <summary>It is left as it is and not used; <c>mailserver check --repair</c> salvages it or puts its snapshot back.</summary>
    Repaired,
}

/// <summary>One kind of database file.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="IsOfAccount">Each account has one, in its folder; else the node has one.</param>
/// <param name="Recovery">What happens when it is damaged.</param>
/// <param name="Lost">What an administrator must know to be missing after a damaged file was replaced.</param>
public sealed record StoreFile(string Name, bool IsOfAccount, StoreRecovery Recovery, string Lost)
{
    public static StoreFile Directory { get; } = new("mail.db", false, StoreRecovery.Repaired, "changes of domains, accounts, aliases and passwords since the last snapshot");

    public static StoreFile Journal { get; } = new("journal.db", false, StoreRecovery.Rebuilt, "the retry times of queued messages");

    public static StoreFile Access { get; } = new("access.db", false, StoreRecovery.Emptied, "bans and audited events before are missing");

    public static StoreFile Trust { get; } = new("trust.db", false, StoreRecovery.Emptied, "senders known to greylisting and the counts of sent mail are missing");

    public static StoreFile Trace { get; } = new("trace.db", false, StoreRecovery.Emptied, "'queue trace' does not know earlier messages");

    public static StoreFile Reports { get; } = new("reports.db", false, StoreRecovery.Emptied, "received reports and unsent observations are missing");

    public static StoreFile MtaSts { get; } = new("mta-sts.db", false, StoreRecovery.Emptied, "policies are fetched again");

    public static StoreFile Index { get; } = new("index.db", true, StoreRecovery.Rebuilt, "it was rebuilt from the message files; keywords beyond the first 26 of a folder are missing");

    public static StoreFile Collections { get; } = new("dav.db", true, StoreRecovery.Repaired, "changes of calendars, contacts and files since the last snapshot");

    /// <summary>Every database that the server writes.</summary>
    public static IReadOnlyList<StoreFile> All { get; } = [Directory, Journal, Access, Trust, Trace, Reports, MtaSts, Index, Collections];
}
