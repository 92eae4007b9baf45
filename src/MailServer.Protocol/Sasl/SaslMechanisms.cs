using System.Security.Cryptography;
using MailServer.Domain;
using MailServer.Domain.Sessions;

namespace MailServer.Protocol.Sasl;

/// <summary>The supported mechanisms, strongest first.</summary>
public static class SaslMechanisms
{
    private static readonly string[] Unbound = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

    /// <summary>All names, in the order in which they are advertised.</summary>
    public static IReadOnlyList<string> Names { get; } = ["SCRAM-SHA-256-PLUS", .. Unbound];

    /// <summary>The names that are advertised on a connection: those that end with -PLUS only if a sign-in can be bound to it.</summary>
    public static IReadOnlyList<string> NamesFor(TlsInfo? tls) => tls is BindableTlsInfo ? Names : Unbound;

    /// <summary>Starts a new exchange; null when there is no mechanism with that name (case-insensitive) on this connection. Tests supply the server part of SCRAM nonces.</summary>
    public static ISaslMechanism? Create(string name, Limits limits, TlsInfo? tls, Func<string>? serverNonce = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(limits);
        return name.ToUpperInvariant() switch
        {
            "SCRAM-SHA-256-PLUS" when tls is BindableTlsInfo => new ScramSha256Mechanism(limits, BindingsOf(tls), isBound: true, serverNonce ?? RandomNonce),
            "SCRAM-SHA-256" => new ScramSha256Mechanism(limits, BindingsOf(tls), isBound: false, serverNonce ?? RandomNonce),
            "PLAIN" => new PlainMechanism(limits),
            "LOGIN" => new LoginMechanism(limits),
            _ => null,
        };
    }

    private static TlsBindings? BindingsOf(TlsInfo? tls) => (tls as BindableTlsInfo)?.Bindings;

    private static string RandomNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
}
