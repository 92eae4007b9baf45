using System.Buffers;
using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>Authentication-Results fields that a message came with (RFC 8601 §2.2).</summary>
public static class ReportedResults
{
    private static readonly byte[] Name = "Authentication-Results"u8.ToArray();

    /// <summary>The results under this authserv-id, a method each, unfolded, in their order.</summary>
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> header, string authservId)
    {
        var results = new List<string>();
        foreach (var field in HeaderFields.Enumerate(header))
        {
            if (!IsOf(field, authservId)) continue;
            var parts = Encoding.UTF8.GetString(field.Value).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (var part in parts.AsSpan(1)) results.Add(part);
        }

        return results;
    }

    /// <summary>Whether a sender wrote results in our name.</summary>
    public static bool HasForged(ReadOnlySpan<byte> header, string authservId)
    {
        foreach (var field in HeaderFields.Enumerate(header))
            if (IsOf(field, authservId)) return true;
        return false;
    }

    /// <summary>The header section without the fields in our name (§5: a border server removes them).</summary>
    public static byte[] WithoutForged(ReadOnlySpan<byte> header, string authservId)
    {
        var kept = new ArrayBufferWriter<byte>(header.Length + 1);
        var read = 0;
        foreach (var field in HeaderFields.Enumerate(header))
        {
            read += field.Raw.Length;
            if (!IsOf(field, authservId)) kept.Write(field.Raw);
        }

        kept.Write(header[read..]);
        return kept.WrittenSpan.ToArray();
    }

    // authserv-id [CFWS authres-version] ";": a quoted or commented one is compared without its dress.
    private static bool IsOf(HeaderField field, string authservId)
    {
        if (!Ascii.EqualsIgnoreCase(field.Name, Name)) return false;
        var value = Encoding.UTF8.GetString(field.Value);
        var end = value.IndexOf(';', StringComparison.Ordinal);
        var id = WithoutComments(end < 0 ? value : value[..end]).Replace("\"", "", StringComparison.Ordinal).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return id.Length > 0 && id[0].TrimEnd('.').Equals(authservId, StringComparison.OrdinalIgnoreCase);
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
