using MailServer.Domain.TransportSecurity;

namespace MailServer.Network.MtaSts;

/// <summary>A policy that was fetched, or why not.</summary>
/// <param name="Policy">Null: it could not be had.</param>
/// <param name="Failure">Then the result type of RFC 8460 §4.3.2.2.</param>
/// <param name="Detail">In words.</param>
public sealed record PolicyFetch(MtaStsPolicy? Policy, string? Failure, string Detail)
{
    public const string Unreachable = "sts-policy-fetch-error";
    public const string Invalid = "sts-policy-invalid";
    public const string Untrusted = "sts-webpki-invalid";
}
