using System.Net;

namespace MailServer.Network.Outbound;

/// <summary>The addresses of this server.</summary>
public interface IOwnAddresses
{
    /// <summary>IPv4 addresses in IPv4 form, IPv6 addresses without a zone.</summary>
    ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel);
}
