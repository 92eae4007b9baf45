using System.Net.Security;
using Microsoft.AspNetCore.Connections;

namespace MailServer.Network.Certificates;

/// <summary>Answers the TLS handshakes with which a certificate authority validates a name (RFC 8737).</summary>
public interface IHandshakeChallenges
{
    /// <summary>The TLS options for a validation handshake; null for all others.</summary>
    /// <param name="connection">The connection of the handshake.</param>
    /// <param name="name">The server name that the client sent (SNI).</param>
    SslServerAuthenticationOptions? OptionsFor(BaseConnectionContext connection, string? name);
}
