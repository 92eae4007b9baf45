using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Importing;

/// <summary>Trust in a certificate authority of one's own.</summary>
internal static class Trust
{
    /// <summary>Accepts what the system trusts, and what the authority in <paramref name="file"/> (or that very certificate) vouches for by the right name.</summary>
    public static RemoteCertificateValidationCallback In(string file)
    {
        var own = new X509Certificate2Collection();
        own.ImportFromPemFile(file);
        return (_, certificate, _, errors) =>
        {
            if (errors == SslPolicyErrors.None) return true;
            if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null) return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(own);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(new X509Certificate2(certificate));
        };
    }
}
