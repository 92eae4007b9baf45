using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MailServer.Network.Certificates;

/// <summary>
/// Chooses the certificate for the name that a client asks for (SNI, RFC 6066 §3); the first source serves who names none or an unknown one.
/// The sources may be exchanged at any time; a connection keeps the certificate that it began with.
/// </summary>
public sealed class CertificateSelector
{
    private volatile ICertificateSource[] _sources;

    public CertificateSelector(params ICertificateSource[] sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Length);
        _sources = sources;
    }

    /// <summary>Every certificate that is shown now.</summary>
    public IReadOnlyList<ServerCertificate> Current => [.. _sources.Select(static source => source.Current)];

    /// <summary>Answers handshakes that are a certificate authority's question.</summary>
    public IHandshakeChallenges? Challenges { get; init; }

    /// <summary>What is shown now, the default first.</summary>
    public IReadOnlyList<ICertificateSource> Sources => _sources;

    /// <summary>From the next handshake on.</summary>
    public void Use(IReadOnlyList<ICertificateSource> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count);
        _sources = [.. sources];
    }

    public ServerCertificate Select(string? serverName)
    {
        var sources = _sources;
        if (sources.Length == 1) return sources[0].Current;

        // Some clients send the name with the root's dot.
        var host = serverName.AsSpan().TrimEnd('.');
        foreach (var source in sources)
        {
            var certificate = source.Current;
            if (certificate.IsFor(host)) return certificate;
        }

        return sources[0].Current;
    }

    /// <summary>For Kestrel: <c>listen.UseHttps(selector.ForHttps())</c>.</summary>
    public TlsHandshakeCallbackOptions ForHttps() => new()
    {
        OnConnection = context => ValueTask.FromResult(
            Challenges?.OptionsFor(context.Connection, context.ClientHelloInfo.ServerName) ?? Select(context.ClientHelloInfo.ServerName).Https),
    };

    /// <summary>A <see cref="ServerOptionsSelectionCallback"/>.</summary>
    internal ValueTask<SslServerAuthenticationOptions> SelectOptions(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Select(hello.ServerName).Mail);
}
