using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Network.Tls;

/// <summary>
/// Verifies a certificate against TLSA records (RFC 7672 §3.1). For a record of the host's own certificate (usage 3) neither name nor validity dates
/// matter. For a record of an authority (usage 2) the chain to it must be valid, including dates and name; the system's trust in that authority does not
/// matter.
/// </summary>
internal static class DaneVerifier
{
    // Ignored: whether the anchor is one of the system's roots, and revocation, which is not checked.
    private const X509ChainStatusFlags Irrelevant = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain
        | X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;

    private static readonly PeerVerdict Verified = new(PeerTrust.Dane, null, "the certificate matches a TLSA record");

    /// <param name="check">Names and records.</param>
    /// <param name="certificate">The host's certificate.</param>
    /// <param name="shown">The chain built from the certificates that the host sent.</param>
    /// <param name="now">The time for validity checks.</param>
    public static PeerVerdict Verify(PeerRequirements check, X509Certificate2 certificate, X509Chain? shown, DateTimeOffset now)
    {
        var records = TlsaRecord.Strongest(check.Tlsa);
        if (records.Any(r => r.Usage == TlsaRecord.EndEntity && r.Matches(certificate))) return Verified;
        var anchors = records.Where(static r => r.Usage == TlsaRecord.TrustAnchor).ToArray();
        if (anchors.Length > 0)
        {
            using var chain = BuildChain(anchors, certificate, shown, now);
            var anchor = AnchorOf(chain, anchors);
            if (anchor >= 0) return JudgeChain(check, certificate, chain, anchor);
        }

        return new PeerVerdict(PeerTrust.Unverified, CertificateFault.NoTlsaMatch, "the certificate matches no TLSA record");
    }

    private static X509Chain BuildChain(TlsaRecord[] anchors, X509Certificate2 certificate, X509Chain? shown, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority,
            VerificationTime = now.UtcDateTime,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
        // The system's roots are excluded: the chain consists of the certificates from the host and the records.
        if (shown is not null) policy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        foreach (var anchor in anchors)
            if (anchor.TryGetCertificate(out var own)) policy.ExtraStore.Add(own!);
        var chain = new X509Chain { ChainPolicy = policy };
        chain.Build(certificate);
        return chain;
    }

    /// <summary>The index in the chain of the first certificate that matches a record; -1: none.</summary>
    private static int AnchorOf(X509Chain chain, TlsaRecord[] anchors)
    {
        for (var i = 0; i < chain.ChainElements.Count; i++)
            if (Array.Exists(anchors, a => a.Matches(chain.ChainElements[i].Certificate))) return i;
        return -1;
    }

    private static PeerVerdict JudgeChain(PeerRequirements check, X509Certificate2 certificate, X509Chain chain, int anchor)
    {
        var faults = chain.ChainElements.Take(anchor + 1).SelectMany(static e => e.ChainElementStatus).Where(static s => (s.Status & ~Irrelevant) != 0).ToArray();
        if (faults.Length > 0)
        {
            var expired = Array.TrueForAll(faults, static f => f.Status == X509ChainStatusFlags.NotTimeValid);
            var reason = string.Join(' ', faults.Select(static f => f.StatusInformation.Trim()).Distinct(StringComparer.Ordinal));
            return new PeerVerdict(PeerTrust.Unverified, expired ? CertificateFault.Expired : CertificateFault.NotTrusted, $"the chain to the authority of the TLSA record: {reason}");
        }

        return PeerVerifier.HasName(certificate, check.Names)
            ? Verified
            : new PeerVerdict(PeerTrust.Unverified, CertificateFault.WrongName, $"the certificate is not for {string.Join(" or ", check.Names)}");
    }
}
