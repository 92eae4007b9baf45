using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>An address of a header field or of the envelope.</summary>
internal readonly record struct SieveAddress(string Local, string Domain)
{
    public string All => Domain.Length == 0 ? Local : $"{Local}@{Domain}";

    /// <summary>The local part without its detail (RFC 5233 §4).</summary>
    public string User => Local.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? Local[..plus] : Local;

    /// <summary>What follows the first plus sign of the local part; null without one.</summary>
    public string? Detail => Local.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? Local[(plus + 1)..] : null;

    /// <summary>The addresses of a field's value. Groups are opened, and what is no address is skipped.</summary>
    public static List<SieveAddress> ReadAll(ReadOnlySpan<byte> value)
    {
        var addresses = new List<SieveAddress>();
        using var buffers = new AddressBuffers();
        var reader = new AddressReader(value, buffers);
        while (reader.MoveNext())
        {
            if (reader.Kind != AddressElementKind.Mailbox || reader.Local.IsEmpty || reader.Domain.IsEmpty) continue;
            addresses.Add(new SieveAddress(Decode(reader.Local), Decode(reader.Domain)));
        }

        return addresses;
    }

    /// <summary>An address of the envelope, with or without angle brackets and a source route; null if it is none.</summary>
    public static SieveAddress? OfEnvelope(string path)
    {
        var text = path.StartsWith('<') && path.EndsWith('>') ? path[1..^1] : path;
        if (text.StartsWith('@'))
        {
            // RFC 5321 §4.1.2 A-d-l
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !Array.TrueForAll(text[..colon].Split(','), static r => r.StartsWith('@') && EmailAddress.TryNormalizeDomain(r[1..], out _))) return null;
            text = text[(colon + 1)..];
        }

        if (!EmailAddress.TryParse(text, out var address)) return null;
        return new SieveAddress(address.Local, text[(text.LastIndexOf('@') + 1)..]);
    }

    private static string Decode(ReadOnlySpan<byte> octets) => Encoding.UTF8.GetString(EncodedWords.ToUtf8(octets));
}
