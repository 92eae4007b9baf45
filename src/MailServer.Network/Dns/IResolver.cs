using System.Net;
using MailServer.Domain.Dns;

namespace MailServer.Network.Dns;

/// <summary>Finds hosts to connect to.</summary>
public interface IResolver
{
    /// <summary>The addresses of a host, IPv6 and IPv4. An address as text is its own answer.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken);
}
