using System.Net;

namespace MailServer.Configuration;

/// <summary>Section <c>dns</c>.</summary>
public sealed record DnsOptions
{
    [Key("Resolvers. Empty: those of the system.")]
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    [Key("Set it to true if these resolvers validate DNSSEC and the path to them is trusted (AD bit). Resolvers on this machine are trusted anyway.")]
    public bool TrustAd { get; init; }
}
