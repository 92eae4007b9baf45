using System.Text;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>
/// Formats results for Authentication-Results and ARC-Authentication-Results (RFC 8601 §2.2). Senders control much of the text, so values are tokens
/// or quoted strings, comments are plain text, and nothing can end the line.
/// </summary>
public static class AuthenticationResultsWriter
{
    private const int MaxValue = 320;
    private const int MaxComment = 120;

    /// <summary>The whole field with its line end, one method per line.</summary>
    public static string FormatField(string authservId, IReadOnlyList<string> results) =>
        $"Authentication-Results: {authservId};\r\n\t{(results.Count == 0 ? "none" : string.Join(";\r\n\t", results))}\r\n";

    public static string Format(IprevOutcome iprev)
    {
        ArgumentNullException.ThrowIfNull(iprev);
        return $"iprev={Name(iprev.Result)}{Comment(iprev.Name)} policy.iprev={Value(iprev.Address.ToString())}";
    }

    public static string Format(SpfOutcome spf, SpfQuery query)
    {
        ArgumentNullException.ThrowIfNull(spf);
        ArgumentNullException.ThrowIfNull(query);
        var identity = query.IsHeloIdentity ? $"smtp.helo={Value(query.Helo)}" : $"smtp.mailfrom={Value($"{query.Local}@{query.Domain}")}";
        return $"spf={Name(spf.Result)}{Comment(spf.Reason)} {identity}";
    }

    public static IEnumerable<string> Format(IReadOnlyList<DkimOutcome> dkim)
    {
        ArgumentNullException.ThrowIfNull(dkim);
        return dkim.Count == 0 ? ["dkim=none"] : dkim.Select(Format);
    }

    public static string Format(DmarcOutcome dmarc)
    {
        ArgumentNullException.ThrowIfNull(dmarc);
        var policy = dmarc.Policy is { } p ? $"p={Name(p)} dis={Name(dmarc.Disposition)}" : dmarc.Reason;
        if (dmarc.OverrideReason is { } why) policy += $" override={why}";
        return $"dmarc={Name(dmarc.Result)}{Comment(policy)} header.from={Value(dmarc.Domain)}";
    }

    public static string Format(ArcOutcome arc)
    {
        ArgumentNullException.ThrowIfNull(arc);
        return $"arc={Name(arc.Result)}{Comment(arc.Result == ArcResult.None ? null : arc.Reason)}";
    }

    private static string Format(DkimOutcome dkim)
    {
        var text = new StringBuilder($"dkim={Name(dkim.Result)}").Append(Comment(dkim.Result == DkimResult.Pass ? KeyOf(dkim) : dkim.Reason));
        if (dkim.Domain.Length > 0) text.Append(" header.d=").Append(Value(dkim.Domain));
        if (dkim.Selector.Length > 0) text.Append(" header.s=").Append(Value(dkim.Selector));
        if (dkim.Algorithm.Length > 0) text.Append(" header.a=").Append(Value(dkim.Algorithm));
        if (dkim.SignatureStart.Length > 0) text.Append(" header.b=").Append(Value(dkim.SignatureStart));
        return text.ToString();
    }

    private static string KeyOf(DkimOutcome dkim) =>
        $"{dkim.KeyBits}-bit key{(dkim.IsTesting ? ", test mode" : "")}{(dkim.UnsignedOctets > 0 ? $", {dkim.UnsignedOctets} {(dkim.UnsignedOctets == 1 ? "octet" : "octets")} unsigned" : "")}";

    private static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Comment(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var plain = string.Concat(text.Take(MaxComment).Select(c => c is < ' ' or > '~' or '(' or ')' or '\\' ? '?' : c));
        return $" ({plain})";
    }

    /// <summary>pvalue: unquoted when it consists of dot-atom characters and @, otherwise quoted.</summary>
    private static string Value(string text)
    {
        if (text.Length > MaxValue) text = text[..MaxValue];
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~.@:[]".Contains(c, StringComparison.Ordinal)) && !text.Contains('=', StringComparison.Ordinal)) return text;
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\');
            quoted.Append(c is < ' ' or > '~' ? '?' : c);
        }

        return quoted.Append('"').ToString();
    }
}
