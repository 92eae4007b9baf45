using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>
/// A certificate ready to be shown: chain, names and handshake options are made once and shared by all its handshakes, which also keeps OpenSSL's
/// context and the tickets of resumed sessions (an own cipher policy would forgo both, so the system's is used, TLS 1.2 and later).
/// Never disposed: a handshake may still use the one that was replaced.
/// </summary>
public sealed class ServerCertificate
{
    private readonly string[] _names;

    /// <param name="certificate">With its private key.</param>
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

    /// <summary>The DNS names it is for.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The options of a handshake on a mail port: no ALPN.</summary>
    internal SslServerAuthenticationOptions Mail { get; }

    internal SslServerAuthenticationOptions Https { get; }

    /// <summary>Whether it is for this host (RFC 9525 §6.3: a wildcard is one whole leftmost label).</summary>
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
