using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Akka.Event;

namespace MailServer.Actors.Cluster;

/// <summary>Nodes trust each other's certificates by the authority that the administrator made for them, and by nothing else.</summary>
internal sealed class NodeCertificates(X509Certificate2Collection authorities)
{
    public bool IsOfNode(X509Certificate2? certificate, X509Chain? presented, string peer, SslPolicyErrors errors, ILoggingAdapter log)
    {
        if (certificate is null)
        {
            log.Log(LogLevel.WarningLevel, null, $"{peer} shows no certificate");
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain.Build(certificate)) return true;
        log.Log(LogLevel.WarningLevel, null, $"the certificate of {peer} ({certificate.Subject}) is not of our authority: {string.Join("; ", chain.ChainStatus.Select(static s => s.StatusInformation))}");
        return false;
    }
}
