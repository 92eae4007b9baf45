using MailServer.Domain.Dns;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;

namespace MailServer.Diagnostics;

/// <summary>Summarizes the comparison of a domain's published records with the expected ones.</summary>
internal static class DomainCheck
{
    public static CheckResult Summarize(string domain, IReadOnlyList<CheckedRecord> records)
    {
        var subject = "dns of " + domain;
        var remedy = $"publish the records that 'mailserver dns records {domain}' prints; 'mailserver dns check {domain}' compares them";
        var wrong = records.Where(static r => r.Expected.Need != RequirementLevel.Optional && r.Verdict is not (CheckedRecord.Ok or CheckedRecord.Unknown)).ToArray();
        var text = string.Join(", ", wrong.Select(static r => $"{r.Expected.Type} of {r.Expected.Name} {(r.Verdict == CheckedRecord.Missing ? "is missing" : "differs")}"));
        if (wrong.Any(static r => r.IsProblem)) return CheckResult.Problem(subject, text, remedy);
        if (wrong.Length > 0) return CheckResult.Warning(subject, text, remedy);
        return records.FirstOrDefault(static r => r.Verdict == CheckedRecord.Unknown) is { } unknown
            ? CheckResult.Warning(subject, $"could not be checked: {string.Join(", ", unknown.Found)}", "check the resolvers in dns.servers")
            : CheckResult.Ok(subject, $"{Quantity.Of(records.Count(static r => r.Verdict == CheckedRecord.Ok), "record")} published as expected");
    }
}
