using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Converts observed rows to the terms of RFC 9990.</summary>
public static class DmarcReportBuilder
{
    public static IReadOnlyList<DmarcReportRow> Rows(DmarcPublishedPolicy policy, IReadOnlyList<DmarcReportRow> observed)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(observed);
        return [.. observed.Select(row => Describe(policy, row))];
    }

    private static DmarcReportRow Describe(DmarcPublishedPolicy policy, DmarcReportRow row)
    {
        var requested = row.HeaderFrom == policy.Domain ? policy.Policy : policy.SubdomainPolicy;
        // Appendix A: "pass" means that nothing was done because the message passed; "none" that no action was requested.
        if (row.IsPass) return requested == "none" || row.Disposition != "none" ? row : row with { Disposition = "pass" };
        // §3.1.1.9: a disposition that differs from the policy needs a reason.
        if (row.Disposition == requested || row.Reasons.Count > 0) return row;
        return row with { Reasons = [new PolicyOverrideReason(policy.Testing == "y" ? "policy_test_mode" : "local_policy", "")] };
    }
}
