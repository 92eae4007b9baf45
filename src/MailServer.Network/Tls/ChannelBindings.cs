using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.Sessions;

namespace MailServer.Network.Tls;

/// <summary>Computes what a sign-in can be bound to on a connection of a client.</summary>
internal static class ChannelBindings
{
    private const int ExporterSize = 32;
    private static readonly byte[] Label = "EXPORTER-Channel-Binding"u8.ToArray(); // RFC 9266 §2
    private static readonly SslExport? Export = OpenSslHandle.Find<SslExport>("SSL_export_keying_material");

    private delegate int SslExport(nint ssl, byte[] output, nint size, byte[] label, nint labelSize, byte[] context, nint contextSize, int useContext);

    /// <summary>The bindings of a connection that the server has accepted; null if there are none.</summary>
    public static TlsBindings? Of(SslStream tls)
    {
        var bindings = new TlsBindings(ExporterOf(tls), EndPointOf(tls.LocalCertificate));
        return bindings is { Exporter: null, EndPoint: null } ? null : bindings;
    }

    /// <summary>RFC 5929 §4.1: the hash of the certificate by the hash function of its signature, but SHA-256 in place of MD5 and SHA-1. Not defined for signatures without one.</summary>
    internal static ReadOnlyMemory<byte>? EndPointOf(X509Certificate? certificate)
    {
        if (certificate is null) return null;
        using var full = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return full.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => SHA256.HashData(full.RawData),
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(full.RawData),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(full.RawData),
            _ => null,
        };
    }

    // Before TLS 1.3 the exporter is unique only with an extension that OpenSSL does not tell of (RFC 9266 §4.2).
    private static ReadOnlyMemory<byte>? ExporterOf(SslStream tls)
    {
        if (Export is null || tls.SslProtocol != SslProtocols.Tls13) return null;
        var value = new byte[ExporterSize];
        return OpenSslHandle.Use(tls, ssl => Export(ssl, value, value.Length, Label, Label.Length, [], 0, 1) == 1) ? value : null;
    }
}
