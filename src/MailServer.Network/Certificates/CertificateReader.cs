using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Extracts the facts about certificates that are displayed.</summary>
public static class CertificateReader
{
    public static CertificateDetails Of(ServerCertificate shown)
    {
        ArgumentNullException.ThrowIfNull(shown);
        return Of(shown.Certificate);
    }

    private static CertificateDetails Of(X509Certificate2 certificate) => new(
        ServerCertificate.NamesOf(certificate),
        certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(certificate.SubjectName.RawData),
        Utc(certificate.NotBefore),
        Utc(certificate.NotAfter),
        KeyOf(certificate),
        Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256)),
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())));

    /// <summary>The facts of the certificate in a PEM file, without needing its key; null when there is no readable one.</summary>
    public static CertificateDetails? OfFile(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            return Of(certificate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }

    private static DateTimeOffset Utc(DateTime time) => new(time.ToUniversalTime(), TimeSpan.Zero);

    private static string KeyOf(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null) return $"RSA {rsa.KeySize}";
        using var ec = certificate.GetECDsaPublicKey();
        return ec is null ? certificate.PublicKey.Oid.FriendlyName ?? "" : $"EC {ec.KeySize}";
    }
}
