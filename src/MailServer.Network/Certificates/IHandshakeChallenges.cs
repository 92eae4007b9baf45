using System.Net.Security;
using Microsoft.AspNetCore.Connections;

namespace MailServer.Network.Certificates;

/// <summary>Answers TLS handshakes by which a certificate authority checks that a name is ours.</summary>
public interface IHandshakeChallenges
{
    /// <summary>The options of such a handshake; null for all others.</summary>
    /// <param name="connection">The connection that the handshake is made on.</param>
    /// <param name="name">The name that the client asks for (SNI).</param>
    SslServerAuthenticationOptions? OptionsFor(BaseConnectionContext connection, string? name);
}
