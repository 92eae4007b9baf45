using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Messages;
using MimeKit.Utils;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>Reads the Authentication-Results fields of a message (RFC 8601 §2.2).</summary>
public static class AuthenticationResultsReader
{
    // A host name has at most 253 characters; an unnormalized one may be longer.
    private const int MaxServerLength = 1000;

    private static readonly byte[] Name = "Authentication-Results"u8.ToArray();
    private static readonly char[] Blank = [' ', '\t', '\r', '\n'];

    /// <summary>The results under this authserv-id, one per method, unfolded, in order.</summary>
    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> header, string authservId)
    {
        var ours = Normalize(authservId);
        var results = new List<string>();
        foreach (var field in HeaderFields.Enumerate(header))
        {
            if (!FindAuthservIds(field).Contains(ours)) continue;
            var parts = Encoding.UTF8.GetString(field.Value).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (var part in parts.AsSpan(1)) results.Add(part);
        }

        return results;
    }

    /// <summary>
    /// The authserv-ids of a field as lower-case domain names with A-labels; empty for other fields. Lenient and strict readers may find different
    /// authserv-ids in a malformed field, so there can be more than one.
    /// </summary>
    public static IReadOnlySet<string> FindAuthservIds(HeaderField field)
    {
        if (!Ascii.EqualsIgnoreCase(field.Name, Name)) return new HashSet<string>();
        var value = Encoding.UTF8.GetString(field.Value);
        string?[] readings = [ReadStrictly(value), ReadLeniently(value), ReadLeniently(Rfc2047.DecodePhrase(field.Value.ToArray()))];
        return readings.OfType<string>().Where(static id => id.Length is > 0 and <= MaxServerLength).Select(Normalize).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Normalizes a server name for comparison.</summary>
    public static string Normalize(string authservId)
    {
        ArgumentNullException.ThrowIfNull(authservId);
        var name = authservId.TrimEnd('.');
        return EmailAddress.TryNormalizeDomain(name, out var domain) ? domain : name.ToLowerInvariant();
    }

    /// <summary>Reads [CFWS] authserv-id [CFWS authres-version] strictly: a token or a quoted string (RFC 2045 §5.1).</summary>
    private static string? ReadStrictly(string value)
    {
        var at = 0;
        while (at < value.Length && (IsBlank(value[at]) || value[at] == '('))
        {
            at = value[at] == '(' ? EndOfComment(value, at) : at + 1;
            if (at < 0) return null;
        }

        if (at == value.Length) return null;
        return value[at] == '"' ? Unquoted(value, at + 1).Trim() : value[at..EndOfToken(value, at)];
    }

    private static bool IsBlank(char c) => Array.IndexOf(Blank, c) >= 0;

    private static int EndOfToken(string value, int at)
    {
        while (at < value.Length && value[at] is not (';' or '(') && !IsBlank(value[at])) at++;
        return at;
    }

    private static string Unquoted(string value, int at)
    {
        var text = new StringBuilder();
        for (; at < value.Length && value[at] != '"'; at++)
        {
            if (value[at] == '\\' && at + 1 < value.Length) at++;
            text.Append(value[at]);
        }

        return text.ToString();
    }

    /// <summary>Reads the authserv-id like programs that split at the first semicolon and drop comments and quotes.</summary>
    private static string? ReadLeniently(string value)
    {
        var end = value.IndexOf(';', StringComparison.Ordinal);
        var plain = WithoutComments(end < 0 ? value : value[..end]).Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
        return plain.Split(Blank, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
    }

    /// <summary>The position after the comment that starts at <paramref name="at"/>; negative when it is not closed.</summary>
    private static int EndOfComment(string value, int at)
    {
        var depth = 0;
        for (; at < value.Length; at++)
        {
            if (value[at] == '\\') at++;
            else if (value[at] == '(') depth++;
            else if (value[at] == ')' && --depth == 0) return at + 1;
        }

        return -1;
    }

    private static string WithoutComments(string text)
    {
        var plain = new StringBuilder(text.Length);
        var depth = 0;
        foreach (var c in text)
        {
            if (c == '(') depth++;
            else if (c == ')' && depth > 0) depth--;
            else if (depth == 0) plain.Append(c);
        }

        return plain.ToString();
    }
}
