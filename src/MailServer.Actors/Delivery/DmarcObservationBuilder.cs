using System.Net;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Actors.Delivery;

/// <summary>Creates the rows of DMARC aggregate reports from authentication results (RFC 9990 §3.1.1).</summary>
internal static class DmarcObservationBuilder
{
    /// <summary>One row for each author domain that has a policy; none for results that a DNS failure left open.</summary>
    public static IReadOnlyList<DmarcObservation> Build(
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
