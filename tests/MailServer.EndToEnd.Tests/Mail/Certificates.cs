using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Mail;

/// <summary>The self-signed certificate of the server, for programs that need a trusted file.</summary>
public static class Certificates
{
    /// <summary>An HTTPS client that accepts any certificate.</summary>
    public static HttpClient TrustingHttp() => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    /// <summary>Writes the certificate of the IMAPS port into the folder as PEM; returns the file and its SHA-256 fingerprint.</summary>
    public static async Task<(string File, string Fingerprint)> CertificateAsync(this ServerProcess server, string folder)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Ports.Imaps);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, _, _, _) => true });
        using var certificate = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
        var file = Path.Combine(folder, "server.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        return (file, Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)));
    }
}
