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

    /// <summary>The names of checks that do not run.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>The mail server whose port 25 is tried, to find out whether this network lets mail out. Without effect with a relay host.</summary>
    public HostPort Probe { get; init; } = new(DefaultProbe, 25);

    /// <summary>The DNS block lists that are asked about the addresses of this server.</summary>
    public IReadOnlyList<string> BlockLists { get; init; } = ["zen.spamhaus.org", "bl.spamcop.net"];

    /// <summary>Whether the administrators get mail when warnings and problems appear or are resolved.</summary>
    public bool Digest { get; init; }

    /// <summary>The age after which the last complete backup is overdue.</summary>
    public TimeSpan BackupAge { get; init; } = TimeSpan.FromDays(7);
}
