using MailServer.Domain.TransportSecurity;

namespace MailServer.Network.MtaSts;

/// <summary>A fetched policy, or the reason for the failure.</summary>
/// <param name="Policy">Null when the fetch failed.</param>
/// <param name="Failure">The result type of RFC 8460 §4.3.2.2 in case of failure.</param>
/// <param name="Detail">Description for the administrator.</param>
public sealed record PolicyFetchResult(MtaStsPolicy? Policy, string? Failure, string Detail)
{
    public const string Unreachable = "sts-policy-fetch-error";
    public const string Invalid = "sts-policy-invalid";
    public const string Untrusted = "sts-webpki-invalid";
}
