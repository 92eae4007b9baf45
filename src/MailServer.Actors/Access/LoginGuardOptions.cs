using System.Net;

namespace MailServer.Actors.Access;

/// <summary>How patient the server is with those who guess passwords.</summary>
public sealed record LoginGuardOptions
{
    /// <summary>Failures from one address after which it is banned; 0: never.</summary>
    public int BanAfter { get; init; } = 10;

    /// <summary>How long the first ban lasts, and how long failures are remembered. Each later ban lasts twice as long as the one before.</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Addresses that are never banned or delayed: this machine's own programs, a webmail.</summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [];
}
