using System.Net;
using MailServer.Domain.Dns;

namespace MailServer.Network.Dns;

/// <summary>Resolves host names for connections.</summary>
public interface IResolver
{
    /// <summary>The IPv6 and IPv4 addresses of a host. An IP address is returned as it is.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken);
}
