using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Network.Certificates;

namespace MailServer.Network.Tls;

/// <summary>The root certificates for verifying other hosts.</summary>
public static class TrustedRoots
{
    /// <summary>The system's roots with those in a PEM file (<c>tls.extra_ca_file</c>); null, which means the system's roots, without a file.</summary>
    /// <exception cref="CertificateException">The file cannot be read, or contains no certificate.</exception>
    public static X509Certificate2Collection? WithFile(string? path)
    {
        if (path is null) return null;
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
        system.Open(OpenFlags.ReadOnly);
        var roots = new X509Certificate2Collection(system.Certificates);
        var before = roots.Count;
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CertificateException($"tls.extra_ca_file: {path}: {e.Message}", e);
        }

        return roots.Count > before ? roots : throw new CertificateException($"tls.extra_ca_file: {path} contains no certificate");
    }

    internal static X509ChainPolicy ChainPolicy(X509Certificate2Collection? roots)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            // The certificate comes from another host: it must not cause downloads.
            DisableCertificateDownloads = true,
        };
        if (roots is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
