using System.Diagnostics.CodeAnalysis;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>The disposition that a domain owner requests for failing mail.</summary>
public enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>A policy record (RFC 9989 §4.7). Malformed values are treated as absent; unknown tags are ignored.</summary>
public sealed record DmarcRecord
{
    private const string Version = "v=DMARC1";

    private DmarcRecord() { }

    /// <summary>The record as published in DNS.</summary>
    public string Text { get; private init; } = "";

    /// <summary>p=; none when it is missing.</summary>
    public DmarcPolicy Policy { get; private init; }

    /// <summary>sp=: the policy for subdomains without their own record.</summary>
    public DmarcPolicy? SubdomainPolicy { get; private init; }

    /// <summary>np=: the policy for subdomains that do not exist.</summary>
    public DmarcPolicy? NonexistentPolicy { get; private init; }

    /// <summary>adkim=s</summary>
    public bool StrictDkim { get; private init; }

    /// <summary>aspf=s</summary>
    public bool StrictSpf { get; private init; }

    /// <summary>t=y: the owner is testing, which lowers the policy by one step.</summary>
    public bool IsTesting { get; private init; }

    /// <summary>True for psd=y (a public suffix), false for psd=n (an organizational domain), null when absent.</summary>
    public bool? IsPublicSuffix { get; private init; }

    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcRecord? record)
    {
        record = null;
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        if (string.Concat(parts[0].Where(c => c is not (' ' or '\t'))) != Version) return false;
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.AsSpan(1))
        {
            if (part.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                tags.TryAdd(part[..equals].TrimEnd(), part[(equals + 1)..].Trim().ToLowerInvariant());
        }

        record = new DmarcRecord
        {
            Text = text,
            Policy = PolicyOf(tags.GetValueOrDefault("p")) ?? DmarcPolicy.None,
            SubdomainPolicy = PolicyOf(tags.GetValueOrDefault("sp")),
            NonexistentPolicy = PolicyOf(tags.GetValueOrDefault("np")),
            StrictDkim = tags.GetValueOrDefault("adkim") == "s",
            StrictSpf = tags.GetValueOrDefault("aspf") == "s",
            IsTesting = tags.GetValueOrDefault("t") == "y",
            IsPublicSuffix = tags.GetValueOrDefault("psd") switch { "y" => true, "n" => false, _ => null },
        };
        return true;
    }

    private static DmarcPolicy? PolicyOf(string? text) => text switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };
}
