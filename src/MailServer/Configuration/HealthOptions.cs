namespace MailServer.Configuration;

/// <summary>Section <c>health</c>: the checks of the running server.</summary>
public sealed record HealthOptions
{
    /// <summary>A mail exchanger that is always reachable.</summary>
    public const string DefaultProbe = "gmail-smtp-in.l.google.com";

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Checks { get; } =
    [
        "actors", "backup", "block-lists", "certificates", "clock", "directory", "disk", "dkim", "dns", "log", "memory", "outgoing-mail", "ports", "queue", "version",
    ];

    [Key(
        "Checks that do not run, such as `dns`, `dkim`, `outgoing-mail` or `block-lists`. `mailserver doctor` lists all checks.",
        Value = nameof(ConfigurationValues.HealthCheck))]
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>The mail server whose port 25 is tried, to find out whether this network lets mail out. Without effect with a relay host.</summary>
    [Key("The mail server whose port 25 is tried, to find out whether this network blocks outgoing mail.")]
    public HostPort Probe { get; init; } = new(DefaultProbe, 25);

    [Key("The DNS block lists that are queried for the addresses of this server.", Value = nameof(ConfigurationValues.DomainName))]
    public IReadOnlyList<string> BlockLists { get; init; } = ["zen.spamhaus.org", "bl.spamcop.net"];

    [Key("Mail the administrators when warnings and problems appear or are resolved.")]
    public bool Digest { get; init; }

    [Key("Warn if the last complete backup is older than this.")]
    public TimeSpan BackupAge { get; init; } = TimeSpan.FromDays(7);
}
