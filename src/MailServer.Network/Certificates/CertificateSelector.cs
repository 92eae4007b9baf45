using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MailServer.Network.Certificates;

/// <summary>Chooses the certificate for the name that a client asks for (SNI, RFC 6066 §3); the first source serves who names none or an unknown one.</summary>
public sealed class CertificateSelector
{
    private readonly ICertificateSource[] _sources;

    public CertificateSelector(params ICertificateSource[] sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Length);
        _sources = sources;
    }

    /// <summary>Every certificate that is shown now.</summary>
    public IReadOnlyList<ServerCertificate> Current => [.. _sources.Select(static source => source.Current)];

    public ServerCertificate Select(string? serverName)
    {
        if (_sources.Length == 1) return _sources[0].Current;

        // Some clients send the name with the root's dot.
        var host = serverName.AsSpan().TrimEnd('.');
        foreach (var source in _sources)
        {
            var certificate = source.Current;
            if (certificate.IsFor(host)) return certificate;
        }

        return _sources[0].Current;
    }

    /// <summary>For Kestrel: <c>listen.UseHttps(selector.ForHttps())</c>.</summary>
    public TlsHandshakeCallbackOptions ForHttps() => new()
    {
        OnConnection = context => ValueTask.FromResult(Select(context.ClientHelloInfo.ServerName).Https),
    };

    /// <summary>A <see cref="ServerOptionsSelectionCallback"/>.</summary>
    internal ValueTask<SslServerAuthenticationOptions> SelectOptions(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Select(hello.ServerName).Mail);
}
