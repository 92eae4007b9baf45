using System.Net;

namespace MailServer.Actors.Access;

/// <summary>Limits for password guessing.</summary>
public sealed record LoginGuardOptions
{
    /// <summary>Number of failures from one address before it is banned; 0 disables bans.</summary>
    public int BanAfter { get; init; } = 10;

    /// <summary>Duration of the first ban, and how long failures are remembered. Each further ban lasts twice as long as the previous one.</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Addresses that are never banned or delayed, such as this machine or a webmail server.</summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [];
}
