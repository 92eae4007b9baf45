using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Converts a policy record to the form used in reports; absent tags get their defaults (RFC 9990 §3.1.1.5).</summary>
public static class DmarcPolicyText
{
    private const string Version = "DMARC1";

    /// <summary>The rua tag; empty when no reports are requested.</summary>
    public static string ReportsTo(string record) => RecordTags.Read(record, Version)?.GetValueOrDefault("rua") ?? "";

    public static DmarcPublishedPolicy Describe(string domain, string record)
    {
        var tags = RecordTags.Read(record, Version) ?? [];
        var policy = Known(tags, "p", "none", "quarantine", "reject") ?? "none";
        return new DmarcPublishedPolicy
        {
            Domain = domain,
            Policy = policy,
            SubdomainPolicy = Known(tags, "sp", "none", "quarantine", "reject") ?? policy,
            NonexistentPolicy = Known(tags, "np", "none", "quarantine", "reject") ?? "",
            DkimAlignment = Known(tags, "adkim", "r", "s") ?? "r",
            SpfAlignment = Known(tags, "aspf", "r", "s") ?? "r",
            Discovery = "treewalk",
            FailureOptions = tags.GetValueOrDefault("fo", ""),
            Testing = Known(tags, "t", "y", "n") ?? "n",
        };
    }

    private static string? Known(Dictionary<string, string> tags, string name, params ReadOnlySpan<string> values) =>
        tags.GetValueOrDefault(name)?.ToLowerInvariant() is { } value && values.Contains(value) ? value : null;
}
