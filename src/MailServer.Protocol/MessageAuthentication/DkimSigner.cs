using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>
/// Signs outgoing mail (RFC 6376) with relaxed/relaxed canonicalization. The body is read once, whatever the number of keys, and the message is never
/// rewritten.
/// </summary>
public static class DkimSigner
{
    // Every occurrence of these fields is signed (RFC 6376 §5.4.1). Those of Oversigned are signed once more, so that none can be added (§8.15).
    private static readonly string[] Signed =
    [
        "from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "sender", "mime-version",
        "content-type", "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post",
    ];

    private static readonly string[] Oversigned = ["from", "to", "subject", "date"];

    /// <summary>Writes one DKIM-Signature field per key. The fields go before <paramref name="addedFields"/> and the content.</summary>
    /// <param name="output">Receives the fields with their line ends.</param>
    /// <param name="keys">One signature is made with each key.</param>
    /// <param name="addedFields">Fields that will precede the content and are signed like its own (Date, Message-ID).</param>
    /// <param name="content">The message; lines end with CRLF.</param>
    /// <param name="now">The time of signing (t=).</param>
    /// <param name="maxHeader">The maximum length of the header section in octets.</param>
    /// <returns>False when the header section is too long; nothing is written then.</returns>
    public static bool TrySign(
        IBufferWriter<byte> output,
        IReadOnlyList<DkimKey> keys,
        ReadOnlySpan<byte> addedFields,
        MessageContent content,
        DateTimeOffset now,
        int maxHeader)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(content);
        if (HeaderSectionReader.Read(content, maxHeader) is not { } header) return false;
        if (keys.Count == 0) return true;
        var bodyHash = Convert.ToBase64String(RelaxedBodyHasher.Hash(content, header.Length));
        var canonical = new ArrayBufferWriter<byte>(4096);
        var names = Canonicalize([.. addedFields, .. header], canonical);
        foreach (var key in keys) WriteSignature(output, key, names, bodyHash, canonical.WrittenSpan, now);
        return true;
    }

    /// <summary>Writes the signed fields in the order of h=, the last occurrence of each name first (RFC 6376 §5.4.2). Returns the names for h=.</summary>
    private static List<string> Canonicalize(ReadOnlySpan<byte> header, ArrayBufferWriter<byte> canonical)
    {
        var fields = new List<(string Name, Range Value)>();
        foreach (var field in HeaderFields.Enumerate(header))
        {
            if (SignedName(field.Name) is not { } name) continue;
            header.Overlaps(field.Value, out var start);
            fields.Add((name, start..(start + field.Value.Length)));
        }

        var names = new List<string>();
        foreach (var name in Signed)
        {
            for (var i = fields.Count - 1; i >= 0; i--)
            {
                if (fields[i].Name != name) continue;
                names.Add(name);
                RelaxedHeaderWriter.Write(canonical, Encoding.ASCII.GetBytes(name), header[fields[i].Value]);
                canonical.Write("\r\n"u8);
            }

            if (Oversigned.Contains(name)) names.Add(name);
        }

        return names;
    }

    private static string? SignedName(ReadOnlySpan<byte> name)
    {
        foreach (var signed in Signed)
            if (Ascii.EqualsIgnoreCase(name, signed)) return signed;
        return null;
    }

    private static void WriteSignature(
        IBufferWriter<byte> output, DkimKey key, List<string> names, string bodyHash, ReadOnlySpan<byte> canonical, DateTimeOffset now)
    {
        var value = new StringBuilder(512);
        value.Append(CultureInfo.InvariantCulture, $"v=1; a={key.Algorithm}; c=relaxed/relaxed; d={key.Domain};\r\n");
        value.Append(CultureInfo.InvariantCulture, $"\ts={key.Selector}; t={now.ToUnixTimeSeconds()};\r\n\th=");
        AppendNames(value, names);
        value.Append(";\r\n\tbh=").Append(bodyHash).Append(";\r\n\tb=");

        var last = new ArrayBufferWriter<byte>(512);
        RelaxedHeaderWriter.Write(last, "dkim-signature"u8, Encoding.ASCII.GetBytes(value.ToString()));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(canonical);
        hash.AppendData(last.WrittenSpan);
        AppendFolded(value, Convert.ToBase64String(key.Sign(hash.GetHashAndReset())));
        Encoding.ASCII.GetBytes($"DKIM-Signature: {value}\r\n", output);
    }

    private static void AppendNames(StringBuilder value, List<string> names)
    {
        var column = 0;
        for (var i = 0; i < names.Count; i++)
        {
            if (i > 0) value.Append(':');
            if (column + names[i].Length > 64)
            {
                value.Append("\r\n\t");
                column = 0;
            }

            value.Append(names[i]);
            column += names[i].Length + 1;
        }
    }

    private static void AppendFolded(StringBuilder value, string base64)
    {
        const int width = 70;
        for (var at = 0; at < base64.Length; at += width)
        {
            if (at > 0) value.Append("\r\n\t");
            value.Append(base64, at, Math.Min(width, base64.Length - at));
        }
    }
}
