using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.TransportSecurity;

/// <summary>The mode of an MTA-STS policy (RFC 8461 §5).</summary>
public enum MtaStsMode
{
    /// <summary>The domain has no policy, or withdraws it.</summary>
    None,

    /// <summary>Failures are reported but do not prevent delivery.</summary>
    Testing,

    /// <summary>Deliver only to hosts listed in the policy, over verified TLS.</summary>
    Enforce,
}

/// <summary>An MTA-STS policy: the mail hosts of a domain, which must support TLS (RFC 8461 §3.2).</summary>
public sealed record MtaStsPolicy
{
    private const string Version = "STSv1";
    private static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(31_557_600);

    public required MtaStsMode Mode { get; init; }

    /// <summary>Host names in lower-case A-labels; <c>*.</c> matches one label.</summary>
    public required IReadOnlyList<string> MxPatterns { get; init; }

    /// <summary>How long senders may cache the policy.</summary>
    public required TimeSpan MaxAge { get; init; }

    /// <summary>The lines of the policy file, for reports (RFC 8460 §4.2).</summary>
    public IReadOnlyList<string> Lines => [.. Write().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The id for the TXT record. It changes with the policy, so that senders fetch the new one.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Write())))[..20];

    /// <summary>Creates the policy of a hosted domain with a single mail host.</summary>
    public static MtaStsPolicy ForHost(string host, MtaStsMode mode) => new() { Mode = mode, MxPatterns = [host], MaxAge = TimeSpan.FromDays(7) };

    /// <summary>Parses a policy file. Unknown keys are ignored; the first of repeated keys counts.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MtaStsPolicy? policy, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        policy = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var patterns = new List<string>();
        foreach (var line in text.Split('\n').Select(static l => l.TrimEnd('\r', ' ', '\t')).Where(static l => l.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) return Fail(out fault, $"'{Shorten(line)}' is not in the form 'key: value'");
            var (key, value) = (line[..colon], line[(colon + 1)..].Trim());
            if (key != "mx") values.TryAdd(key, value);
            else if (TryNormalizePattern(value, out var pattern)) patterns.Add(pattern);
            else return Fail(out fault, $"mx '{Shorten(value)}' is not a host name");
        }

        if (values.GetValueOrDefault("version") != Version) return Fail(out fault, "version is not STSv1");
        if (!TryParseMode(values.GetValueOrDefault("mode"), out var mode)) return Fail(out fault, "mode is not enforce, testing or none");
        if (!TryReadAge(values.GetValueOrDefault("max_age"), out var age)) return Fail(out fault, "max_age is not a number of seconds");
        if (mode != MtaStsMode.None && patterns.Count == 0) return Fail(out fault, "there is no mx");
        policy = new MtaStsPolicy { Mode = mode, MxPatterns = patterns, MaxAge = age };
        fault = null;
        return true;
    }

    /// <summary>Reads the name of a mode: enforce, testing or none.</summary>
    public static bool TryParseMode(string? text, out MtaStsMode mode)
    {
        mode = text switch { "enforce" => MtaStsMode.Enforce, "testing" => MtaStsMode.Testing, _ => MtaStsMode.None };
        return text is "enforce" or "testing" or "none";
    }

    /// <summary>The name of a mode in policies and configuration.</summary>
    public static string NameOf(MtaStsMode mode) => mode switch { MtaStsMode.Enforce => "enforce", MtaStsMode.Testing => "testing", _ => "none" };

    /// <summary>True if the policy lists the host (RFC 8461 §4.1).</summary>
    public bool Allows(string host)
    {
        if (!EmailAddress.TryNormalizeDomain(host, out var name)) return false;
        return MxPatterns.Any(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
            ? name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && name.AsSpan(dot).SequenceEqual(pattern.AsSpan(1))
            : name == pattern);
    }

    /// <summary>Formats the policy file, which is served at <c>/.well-known/mta-sts.txt</c>.</summary>
    public string Write()
    {
        var text = new StringBuilder($"version: {Version}\r\nmode: {NameOf(Mode)}\r\n");
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
