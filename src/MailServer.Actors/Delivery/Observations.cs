using System.Net;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Actors.Delivery;

/// <summary>Makes the rows of DMARC reports out of what was found (RFC 9990 §3.1.1).</summary>
internal static class Observations
{
    /// <summary>One for each author's domain that has a policy; none for what DNS did not let be told.</summary>
    public static IReadOnlyList<DmarcObservation> Of(
        MailTransaction transaction, IReadOnlyList<DmarcOutcome> dmarc, SpfOutcome? spf, IReadOnlyList<DkimOutcome> dkim, DateTimeOffset now) =>
        [.. dmarc.Where(d => d.PolicyDomain is not null && d.Result is DmarcResult.Pass or DmarcResult.Fail).Select(d => new DmarcObservation
        {
            At = now,
            Source = Plain(transaction.RemoteAddress),
            HeaderFrom = d.Domain,
            EnvelopeFrom = transaction.Sender?.Domain ?? "",
            PolicyDomain = d.PolicyDomain,
            PolicyRecord = d.PolicyRecord,
            Disposition = d.Disposition.ToString().ToLowerInvariant(),
            DkimAligned = d.DkimAligned,
            SpfAligned = d.SpfAligned,
            OverrideReason = d.OverrideReason ?? (d is { IsTesting: true, Result: DmarcResult.Fail } && d.Policy != d.Disposition ? "policy_test_mode" : null),
            Dkim = [.. dkim.Where(s => s.Domain.Length > 0).Select(s => new DkimObservation(s.Domain, s.Selector, s.Result.ToString().ToLowerInvariant()))],
            Spf = spf is null ? null : (spf.Domain, spf.Result.ToString().ToLowerInvariant()),
        })];

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
