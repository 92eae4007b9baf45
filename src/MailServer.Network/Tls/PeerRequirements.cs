using MailServer.Domain.TransportSecurity;

namespace MailServer.Network.Tls;

/// <summary>Requirements for the certificate of a host.</summary>
public sealed record PeerRequirements
{
    /// <summary>Acceptable names; the first is used for SNI.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>DANE: TLSA records of which one must match; empty: the chain must end in a trusted root (PKIX).</summary>
    public IReadOnlyList<TlsaRecord> Tlsa { get; init; } = [];

    /// <summary>True when the handshake fails if the certificate does not meet the requirements. False records the result only (opportunistic TLS, RFC 7435).</summary>
    public required bool Required { get; init; }
}

/// <summary>How the peer was authenticated.</summary>
public enum PeerTrust
{
    Unverified,

    /// <summary>By a trusted authority.</summary>
    Pkix,

    /// <summary>By the domain's TLSA records.</summary>
    Dane,
}

/// <summary>Why a certificate does not meet the requirements.</summary>
public enum CertificateFault
{
    NotTrusted,
    WrongName,
    Expired,

    /// <summary>No TLSA record matches.</summary>
    NoTlsaMatch,
}

/// <summary>The verification result, with a description for administrators.</summary>
public sealed record PeerVerdict(PeerTrust Trust, CertificateFault? Fault, string Detail);
