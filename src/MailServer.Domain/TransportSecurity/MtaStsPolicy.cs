using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.TransportSecurity;

/// <summary>What a domain wants of who sends to it (RFC 8461 §5).</summary>
public enum MtaStsMode
{
    /// <summary>Nothing: the domain has no policy, or takes it back.</summary>
    None,

    /// <summary>Report what would have failed.</summary>
    Testing,

    /// <summary>Deliver to a host of the policy under verified TLS, or not at all.</summary>
    Enforce,
}

/// <summary>An MTA-STS policy: which hosts take a domain's mail, and that they do so under TLS (RFC 8461 §3.2).</summary>
public sealed record MtaStsPolicy
{
    private const string Version = "STSv1";
    private static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(31_557_600);

    public required MtaStsMode Mode { get; init; }

    /// <summary>Host names in lower case and A-labels; <c>*.</c> stands for one label.</summary>
    public required IReadOnlyList<string> MxPatterns { get; init; }

    /// <summary>How long it may be kept.</summary>
    public required TimeSpan MaxAge { get; init; }

    /// <summary>Its lines, for reports (RFC 8460 §4.2).</summary>
    public IReadOnlyList<string> Lines => [.. Write().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Changes whenever the policy does: what the TXT record says, so that senders fetch it anew.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Write())))[..20];

    /// <summary>The policy of a domain of ours, whose mail one host takes.</summary>
    public static MtaStsPolicy ForHost(string host, MtaStsMode mode) => new() { Mode = mode, MxPatterns = [host], MaxAge = TimeSpan.FromDays(7) };

    /// <summary>Reads the text of a policy file. Unknown keys are skipped, of repeated ones the first counts.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MtaStsPolicy? policy, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        policy = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var patterns = new List<string>();
        foreach (var line in text.Split('\n').Select(static l => l.TrimEnd('\r', ' ', '\t')).Where(static l => l.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) return Fail(out fault, $"'{Shorten(line)}' is no 'key: value'");
            var (key, value) = (line[..colon], line[(colon + 1)..].Trim());
            if (key != "mx") values.TryAdd(key, value);
            else if (TryNormalizePattern(value, out var pattern)) patterns.Add(pattern);
            else return Fail(out fault, $"mx '{Shorten(value)}' is no host name");
        }

        if (values.GetValueOrDefault("version") != Version) return Fail(out fault, "version is not STSv1");
        if (!TryReadMode(values.GetValueOrDefault("mode"), out var mode)) return Fail(out fault, "mode is not enforce, testing or none");
        if (!TryReadAge(values.GetValueOrDefault("max_age"), out var age)) return Fail(out fault, "max_age is not a number of seconds");
        if (mode != MtaStsMode.None && patterns.Count == 0) return Fail(out fault, "no mx is named");
        policy = new MtaStsPolicy { Mode = mode, MxPatterns = patterns, MaxAge = age };
        fault = null;
        return true;
    }

    /// <summary>The host is one of the policy's (RFC 8461 §4.1).</summary>
    public bool Allows(string host)
    {
        if (!EmailAddress.TryNormalizeDomain(host, out var name)) return false;
        return MxPatterns.Any(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
            ? name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && name.AsSpan(dot).SequenceEqual(pattern.AsSpan(1))
            : name == pattern);
    }

    /// <summary>The file, as it is served under <c>/.well-known/mta-sts.txt</c>.</summary>
    public string Write()
    {
        var text = new StringBuilder($"version: {Version}\r\nmode: {Mode.ToString().ToLowerInvariant()}\r\n");
        foreach (var pattern in MxPatterns) text.Append(CultureInfo.InvariantCulture, $"mx: {pattern}\r\n");
        return text.Append(CultureInfo.InvariantCulture, $"max_age: {(long)MaxAge.TotalSeconds}\r\n").ToString();
    }

    private static bool TryNormalizePattern(string text, [NotNullWhen(true)] out string? pattern)
    {
        var wildcard = text.StartsWith("*.", StringComparison.Ordinal);
        pattern = null;
        if (!EmailAddress.TryNormalizeDomain(wildcard ? text[2..] : text, out var name) || name[0] == '[') return false;
        pattern = wildcard ? "*." + name : name;
        return true;
    }

    private static bool TryReadMode(string? text, out MtaStsMode mode)
    {
        mode = text switch { "enforce" => MtaStsMode.Enforce, "testing" => MtaStsMode.Testing, _ => MtaStsMode.None };
        return text is "enforce" or "testing" or "none";
    }

    private static bool TryReadAge(string? text, out TimeSpan age)
    {
        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
        age = seconds < LongestAge.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestAge;
        return isNumber;
    }

    private static bool Fail(out string fault, string reason)
    {
        fault = reason;
        return false;
    }

    private static string Shorten(string text)
    {
        const int most = 60;
        return text.Length <= most ? text : text[..most] + "…";
    }
}
