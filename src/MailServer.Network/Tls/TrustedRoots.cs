using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Tls;

/// <summary>The authorities that other hosts' certificates are held against.</summary>
public static class TrustedRoots
{
    /// <summary>Those of the system and those in a PEM file (<c>tls.extra_ca_file</c>); null, which means the system's, without a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds no certificates.</exception>
    public static X509Certificate2Collection? WithFile(string? path)
    {
        if (path is null) return null;
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
        system.Open(OpenFlags.ReadOnly);
        var roots = new X509Certificate2Collection(system.Certificates);
        roots.ImportFromPemFile(path);
        return roots;
    }

    internal static X509ChainPolicy ChainPolicy(X509Certificate2Collection? roots)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            // A certificate is a stranger's: it must not send us to fetch things.
            DisableCertificateDownloads = true,
        };
        if (roots is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
