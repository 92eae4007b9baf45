using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Network.Certificates;

namespace MailServer.Network.Acme;

/// <summary>Creates the HTTP client for certificate authorities.</summary>
public static class AcmeHttp
{
    private const int MaxAnswer = 1024 * 1024;

    /// <param name="caFile">A PEM file with a root certificate to trust in addition to the system's, for a private authority.</param>
    /// <exception cref="CertificateException">The file cannot be read.</exception>
    public static HttpClient Create(string? caFile)
    {
        var handler = new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30), ConnectTimeout = TimeSpan.FromSeconds(30) };
        if (caFile is not null)
        {
            var roots = Roots(caFile);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        var client = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(1), MaxResponseContentBufferSize = MaxAnswer };
        // RFC 8555 §6.1: a client must send a User-Agent.
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("mailserver", "1"));
        return client;
    }

    private static X509Certificate2Collection Roots(string file)
    {
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            return roots.Count > 0 ? roots : throw new CertificateException($"{file} contains no certificate");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CertificateException($"{file}: {e.Message}", e);
        }
    }
}
