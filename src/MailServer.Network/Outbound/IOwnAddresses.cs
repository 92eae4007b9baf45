using System.Net;

namespace MailServer.Network.Outbound;

/// <summary>Knows the addresses at which this server answers.</summary>
public interface IOwnAddresses
{
    /// <summary>IPv4 addresses as such, IPv6 addresses without a zone.</summary>
    ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel);
}
