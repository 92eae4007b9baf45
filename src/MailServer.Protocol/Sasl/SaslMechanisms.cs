using System.Security.Cryptography;
using MailServer.Domain;

namespace MailServer.Protocol.Sasl;

/// <summary>The mechanisms that are offered, strongest first.</summary>
public static class SaslMechanisms
{
    /// <summary>The names as they are announced.</summary>
    public static IReadOnlyList<string> Names { get; } = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

    /// <summary>A new exchange, or null when no mechanism has that name (any case). Tests give the server's part of SCRAM nonces.</summary>
    public static ISaslMechanism? Create(string name, Limits limits, Func<string>? serverNonce = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(limits);
        return name.ToUpperInvariant() switch
        {
            "SCRAM-SHA-256" => new ScramSha256(limits, serverNonce ?? RandomNonce),
            "PLAIN" => new Plain(limits),
            "LOGIN" => new Login(limits),
            _ => null,
        };
    }

    private static string RandomNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
}
