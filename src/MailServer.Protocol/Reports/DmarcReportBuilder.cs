using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Brings rows as they were noted into the words of RFC 9990.</summary>
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
        var asked = row.HeaderFrom == policy.Domain ? policy.Policy : policy.SubdomainPolicy;
        // Appendix A: nothing was done because it passed, as against because nothing was asked.
        if (row.IsPass) return asked == "none" || row.Disposition != "none" ? row : row with { Disposition = "pass" };
        // §3.1.1.9: a disposition other than the policy's has a reason.
        if (row.Disposition == asked || row.Reasons.Count > 0) return row;
        return row with { Reasons = [new DmarcReason(policy.Testing == "y" ? "policy_test_mode" : "local_policy", "")] };
    }
}
