using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>
/// A certificate prepared for use: its chain, names and TLS options are created once and shared by all handshakes, together with OpenSSL's context and
/// session tickets (a custom cipher policy would prevent both, so the system's policy applies, with TLS 1.2 or later). It is never disposed, because a
/// handshake may still use it after it was replaced.
/// </summary>
public sealed class ServerCertificate
{
    private readonly string[] _names;

    /// <param name="certificate">The certificate with its private key.</param>
    /// <param name="intermediates">The rest of the chain, in any order.</param>
    public ServerCertificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        Certificate = certificate;
        Intermediates = intermediates ?? [];
        var context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
        Mail = Options(context, protocols: null);
        Https = Options(context, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        _names = NamesOf(certificate);
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The rest of the chain.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>The DNS names of the certificate.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>TLS options for mail ports: no ALPN.</summary>
    internal SslServerAuthenticationOptions Mail { get; }

    internal SslServerAuthenticationOptions Https { get; }

    /// <summary>True when the certificate is valid for the host (RFC 9525 §6.3: a wildcard matches exactly one leftmost label).</summary>
    public bool IsFor(ReadOnlySpan<char> host)
    {
        foreach (var name in _names)
        {
            if (host.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
            if (!name.StartsWith("*.", StringComparison.Ordinal)) continue;
            var dot = host.IndexOf('.');
            if (dot > 0 && host[dot..].Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static SslServerAuthenticationOptions Options(SslStreamCertificateContext context, List<SslApplicationProtocol>? protocols) => new()
    {
        ServerCertificateContext = context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        ApplicationProtocols = protocols,
    };

    internal static string[] NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).ToArray();
        return names.Length > 0 ? names : [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)];
    }
}
