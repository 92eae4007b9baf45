using MailServer.Domain.Reports;
using MailServer.Domain.Sessions;
using MailServer.Network.Tls;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Queue;

/// <summary>Describes TLS in the record of a delivery attempt.</summary>
internal static class TlsDescription
{
    private const int Most = 200;

    public static string Of(TlsInfo? tls, PeerVerdict? peer, HostTlsPolicy policy) => (tls, peer) switch
    {
        (null, _) => "none: the host does not offer it",
        (_, { Trust: PeerTrust.Dane }) => $"{tls.Protocol}, verified by DANE",
        (_, { Trust: PeerTrust.Pkix }) => $"{tls.Protocol}, verified{(policy.Type == TlsPolicyType.Sts ? " by MTA-STS" : "")}",
        _ => Shorten($"{tls.Protocol}, not verified: {peer?.Detail}"),
    };

    public static string AfterFailure(TlsException before) => Shorten($"none: the handshake failed: {before.Message}");

    /// <summary>The policy that requires TLS.</summary>
    public static string NameOf(HostTlsPolicy policy) => policy.Type switch
    {
        TlsPolicyType.Sts => "MTA-STS",
        TlsPolicyType.Tlsa => "DANE",
        _ => "TLS",
    };

    private static string Shorten(string text) => text.Length <= Most ? text : text[..Most] + "…";
}
