using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Accounts;

/// <summary>What sessions and requests need to know about a hosted domain.</summary>
/// <param name="Name">The normalised name.</param>
/// <param name="Enabled">False if mail for the domain is refused and its users cannot sign in.</param>
/// <param name="MtaSts">The mode of its MTA-STS policy; null for that of the server.</param>
public sealed record HostedDomain(string Name, bool Enabled, MtaStsMode? MtaSts)
{
    /// <summary>The domain that receives its mail, under the same local parts; null if it has addresses of its own.</summary>
    public string? AliasOf { get; init; }
}
