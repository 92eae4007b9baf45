using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MailServer.Network.Certificates;

/// <summary>
/// Selects the certificate for the requested host name (SNI, RFC 6066 §3); the first source is the default for clients without SNI or with an unknown name.
/// The sources can be replaced at any time; existing connections keep their certificate.
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

    /// <summary>All certificates in use.</summary>
    public IReadOnlyList<ServerCertificate> Current => [.. _sources.Select(static source => source.Current)];

    /// <summary>Handles the handshakes of a certificate authority's validation.</summary>
    public IHandshakeChallenges? Challenges { get; init; }

    /// <summary>The sources in use, the default first.</summary>
    public IReadOnlyList<ICertificateSource> Sources => _sources;

    /// <summary>Replaces the sources from the next handshake on.</summary>
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

        // Some clients send the name with a trailing dot.
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
