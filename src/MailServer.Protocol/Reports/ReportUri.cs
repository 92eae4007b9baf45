using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Reports;

/// <summary>A report destination: an address (<c>mailto:</c>) or an upload URL (<c>https:</c>).</summary>
/// <param name="Text">The URI as in the record.</param>
/// <param name="Address">The mail address; null for an upload.</param>
/// <param name="Upload">The upload URL; null for mail.</param>
/// <param name="MaxSize">The maximum report size in octets; null when not stated.</param>
public sealed record ReportUri(string Text, EmailAddress? Address, Uri? Upload, long? MaxSize)
{
    /// <summary>The host of the destination.</summary>
    public string Host => Address?.Domain ?? Upload!.IdnHost;

    /// <summary>Parses the URIs of a <c>rua</c> tag, at most <paramref name="most"/>. Malformed URIs and other schemes are left out (RFC 9990 §3.4).</summary>
    public static IReadOnlyList<ReportUri> ParseList(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static t => TryParse(t, out var uri) ? uri : null).OfType<ReportUri>().Take(most)];
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out ReportUri? uri)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string mail = "mailto:", web = "https:";
        uri = null;
        var (plain, size) = WithoutSize(text);
        if (plain.StartsWith(mail, StringComparison.OrdinalIgnoreCase))
        {
            var address = Uri.UnescapeDataString(plain[mail.Length..].Split('?')[0]);
            if (EmailAddress.TryParse(address, out var parsed) && parsed.Domain[0] != '[') uri = new ReportUri(text, parsed, null, size);
        }
        else if (plain.StartsWith(web, StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(plain, UriKind.Absolute, out var upload) && upload.UserInfo.Length == 0)
        {
            uri = new ReportUri(text, null, upload, size);
        }

        return uri is not null;
    }

    /// <summary>The suffix <c>!10m</c> limits the size (RFC 7489 §6.2). RFC 9989 has removed it, but existing records still use it.</summary>
    private static (string Plain, long? Size) WithoutSize(string text)
    {
        var mark = text.LastIndexOf('!');
        if (mark < 0) return (text, null);
        var shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        var digits = text[(mark + 1)..(shift > 0 ? ^1 : ^0)];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? (text[..mark], Math.Min(n, int.MaxValue >> 10) * (1L << shift)) : (text, null);
    }
}
