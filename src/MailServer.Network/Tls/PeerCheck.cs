using MailServer.Domain.TransportSecurity;

namespace MailServer.Network.Tls;

/// <summary>What the certificate of a host is held against.</summary>
public sealed record PeerCheck
{
    /// <summary>Names of which it must have one; the first is the one that is asked for (SNI).</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>DANE: records of which one must match; none: an authority that we trust must vouch for it (PKIX).</summary>
    public IReadOnlyList<TlsaRecord> Tlsa { get; init; } = [];

    /// <summary>The handshake fails unless the certificate stands the check. Otherwise it is only noted: encrypt with whoever answers (RFC 7435).</summary>
    public required bool Required { get; init; }
}

/// <summary>How far the other side is who it is said to be.</summary>
public enum PeerTrust
{
    Unverified,

    /// <summary>By an authority that we trust.</summary>
    Pkix,

    /// <summary>By the domain's own TLSA records.</summary>
    Dane,
}

/// <summary>Why a certificate does not stand the check.</summary>
public enum CertificateFault
{
    NotTrusted,
    WrongName,
    Expired,

    /// <summary>No TLSA record matches.</summary>
    NoTlsaMatch,
}

/// <summary>The outcome of a check, in words for people too.</summary>
public sealed record PeerVerdict(PeerTrust Trust, CertificateFault? Fault, string Detail);
