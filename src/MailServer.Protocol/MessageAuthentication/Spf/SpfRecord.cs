using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>An SPF record (RFC 7208 §4.6), parsed completely before evaluation: a syntax error anywhere invalidates it.</summary>
internal sealed class SpfRecord
{
    private const string Version = "v=spf1";
    private const int Bits4 = 32;
    private const int Bits6 = 128;

    private readonly List<SpfTerm> _terms = [];

    private SpfRecord() { }

    public IReadOnlyList<SpfTerm> Terms => _terms;

    public string? Redirect { get; private set; }

    public string? Explanation { get; private set; }

    /// <summary>Whether a TXT record is an SPF record (§4.5).</summary>
    public static bool IsRecord(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <summary>Parses a record; on failure <paramref name="error"/> is the malformed term.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SpfRecord? record, out string error)
    {
        record = new SpfRecord();
        foreach (var term in text[Version.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (record.AddModifier(term) ?? record.AddMechanism(term)) continue;
            error = term;
            return false;
        }

        error = "";
        return true;
    }

    /// <summary>Null when the term is not a modifier, which has "=" after its name.</summary>
    private bool? AddModifier(string term)
    {
        var end = term.AsSpan().IndexOfAny("=:/");
        if (end <= 0 || term[end] != '=') return null;
        var value = term[(end + 1)..];
        switch (term[..end].ToLowerInvariant())
        {
            case "redirect":
                if (Redirect is not null || !SpfMacro.IsDomainSpec(value)) return false;
                Redirect = value;
                return true;
            case "exp":
                if (Explanation is not null || !SpfMacro.IsDomainSpec(value)) return false;
                Explanation = value;
                return true;
            default:
                return IsName(term.AsSpan(0, end)) && SpfMacro.IsMacroString(value);
        }
    }

    // name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (!char.IsAsciiLetter(name[0])) return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) return false;
        return true;
    }

    private bool AddMechanism(string term)
    {
        var (result, rest) = term[0] switch
        {
            '+' => (SpfResult.Pass, term[1..]),
            '-' => (SpfResult.Fail, term[1..]),
            '~' => (SpfResult.SoftFail, term[1..]),
            '?' => (SpfResult.Neutral, term[1..]),
            _ => (SpfResult.Pass, term),
        };
        var end = rest.AsSpan().IndexOfAny(":/") is >= 0 and var at ? at : rest.Length;
        var argument = rest[end..];
        var parsed = rest[..end].ToLowerInvariant() switch
        {
            "all" => argument.Length == 0 ? new SpfTerm(term, result, SpfMechanism.All, null, null, 0, 0) : null,
            "include" => ParseTarget(term, result, SpfMechanism.Include, argument),
            "exists" => ParseTarget(term, result, SpfMechanism.Exists, argument),
            "ptr" when argument.Length == 0 => new SpfTerm(term, result, SpfMechanism.Ptr, null, null, 0, 0),
            "ptr" => ParseTarget(term, result, SpfMechanism.Ptr, argument),
            "a" => ParseHosts(term, result, SpfMechanism.A, argument),
            "mx" => ParseHosts(term, result, SpfMechanism.Mx, argument),
            "ip4" => ParseNetwork(term, result, SpfMechanism.Ip4, argument),
            "ip6" => ParseNetwork(term, result, SpfMechanism.Ip6, argument),
            _ => null,
        };
        if (parsed is null) return false;
        _terms.Add(parsed);
        return true;
    }

    private static SpfTerm? ParseTarget(string term, SpfResult result, SpfMechanism mechanism, string argument) =>
        argument is [':', .. var target] && SpfMacro.IsDomainSpec(target) ? new SpfTerm(term, result, mechanism, target, null, 0, 0) : null;

    // [ ":" domain-spec ] [ dual-cidr-length ]; the domain-spec may contain slashes.
    private static SpfTerm? ParseHosts(string term, SpfResult result, SpfMechanism mechanism, string argument)
    {
        int prefix4 = Bits4, prefix6 = Bits6;
        if (!TryCutPrefix(ref argument, "//", Bits6, ref prefix6) || !TryCutPrefix(ref argument, "/", Bits4, ref prefix4)) return null;
        if (argument.Length == 0) return new SpfTerm(term, result, mechanism, null, null, prefix4, prefix6);
        return argument is [':', .. var target] && SpfMacro.IsDomainSpec(target)
            ? new SpfTerm(term, result, mechanism, target, null, prefix4, prefix6)
            : null;
    }

    private static SpfTerm? ParseNetwork(string term, SpfResult result, SpfMechanism mechanism, string argument)
    {
        var isFour = mechanism == SpfMechanism.Ip4;
        var prefix = isFour ? Bits4 : Bits6;
        if (!TryCutPrefix(ref argument, "/", prefix, ref prefix) || argument is not [':', .. var text]) return null;
        if (!IPAddress.TryParse(text, out var network) || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)) return null;
        if (network.AddressFamily != (isFour ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6)) return null;
        // Accept only dotted decimals without leading zeros; the platform would also accept 1.2.3 and octal.
        if (isFour && network.ToString() != text) return null;
        return new SpfTerm(term, result, mechanism, null, network, isFour ? prefix : 0, isFour ? 0 : prefix);
    }

    /// <summary>Removes an optional prefix length from the end; false when it is not between 0 and <paramref name="most"/>.</summary>
    private static bool TryCutPrefix(ref string argument, string mark, int most, ref int prefix)
    {
        var digits = argument.Length;
        while (digits > 0 && char.IsAsciiDigit(argument[digits - 1])) digits--;
        if (digits == argument.Length || !argument.AsSpan(0, digits).EndsWith(mark)) return true;
        var text = argument.AsSpan(digits);
        argument = argument[..(digits - mark.Length)];
        return (text is "0" || text[0] != '0') && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out prefix) && prefix <= most;
    }
}
