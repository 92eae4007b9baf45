using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Importing;

/// <summary>Certificate validation with an additional private authority.</summary>
internal static class PrivateRootTrust
{
    /// <summary>Accepts certificates that the system trusts, and certificates with a matching name that are in <paramref name="file"/> or are issued by an authority in it.</summary>
    public static RemoteCertificateValidationCallback CreateValidator(string file)
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
