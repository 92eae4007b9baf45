using System.Security.Cryptography;
using MailServer.Domain;

namespace MailServer.Protocol.Sasl;

/// <summary>The supported mechanisms, strongest first.</summary>
public static class SaslMechanisms
{
    /// <summary>The names in the order in which they are advertised.</summary>
    public static IReadOnlyList<string> Names { get; } = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

    /// <summary>Starts a new exchange; null when there is no mechanism with that name (case-insensitive). Tests supply the server part of SCRAM nonces.</summary>
    public static ISaslMechanism? Create(string name, Limits limits, Func<string>? serverNonce = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(limits);
        return name.ToUpperInvariant() switch
        {
            "SCRAM-SHA-256" => new ScramSha256Mechanism(limits, serverNonce ?? RandomNonce),
            "PLAIN" => new PlainMechanism(limits),
            "LOGIN" => new LoginMechanism(limits),
            _ => null,
        };
    }

    private static string RandomNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
}
