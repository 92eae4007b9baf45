using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Tls;

/// <summary>Verifies the certificate of one handshake.</summary>
internal sealed class PeerVerifier(PeerRequirements check, TimeProvider time)
{
    private static readonly PeerVerdict NoCertificate = new(PeerTrust.Unverified, CertificateFault.NotTrusted, "the host sent no certificate");

    public PeerRequirements Check => check;

    /// <summary>Null before the certificate was received.</summary>
    public PeerVerdict? Verdict { get; private set; }

    public bool HasRefused => check.Required && Verdict?.Fault is not null;

    /// <summary>The callback of the handshake.</summary>
    public bool Accepts(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null) Verdict = NoCertificate;
        else if (check.Tlsa.Count > 0) Verdict = DaneVerifier.Verify(check, certificate, chain, time.GetUtcNow());
        else Verdict = ByAuthority(certificate, chain, errors);
        return !HasRefused;
    }

    /// <summary>True when a subject alternative name matches one of the names (RFC 8461 §4.1, RFC 7672 §3.2.3); the common name is ignored.</summary>
    public static bool HasName(X509Certificate2 certificate, IReadOnlyList<string> names) =>
        names.Any(name => certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false));

    private PeerVerdict ByAuthority(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var statuses = chain?.ChainStatus ?? [];
            var reason = statuses.Length > 0 ? string.Join(' ', statuses.Select(static s => s.StatusInformation.Trim()).Distinct(StringComparer.Ordinal)) : "no chain of trust";
            var expired = statuses.Length > 0 && statuses.All(static s => s.Status == X509ChainStatusFlags.NotTimeValid);
            return new PeerVerdict(PeerTrust.Unverified, expired ? CertificateFault.Expired : CertificateFault.NotTrusted, $"the certificate is not trusted: {reason}");
        }

        return HasName(certificate, check.Names)
            ? new PeerVerdict(PeerTrust.Pkix, null, "the certificate is valid")
            : new PeerVerdict(PeerTrust.Unverified, CertificateFault.WrongName, $"the certificate is not for {string.Join(" or ", check.Names)}");
    }
}
