using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>The parsed value of a DKIM-Signature (RFC 6376 §3.5) or an ARC-Message-Signature (RFC 8617 §4.1.2).</summary>
internal sealed class MessageSignature
{
    public const string RsaSha256 = "rsa-sha256";
    public const string Ed25519Sha256 = "ed25519-sha256";
    public const string ArcName = "arc-message-signature";

    private readonly SignedMessage _message;
    private readonly SignedMessage.Field _field;
    private readonly TagList _tags;

    private MessageSignature(SignedMessage message, SignedMessage.Field field, TagList tags)
    {
        _message = message;
        _field = field;
        _tags = tags;
    }

    public TagList Tags => _tags;

    public string Algorithm { get; private set; } = "";

    public string Domain { get; private set; } = "";

    public string Selector { get; private set; } = "";

    public byte[] Signature { get; private set; } = [];

    public byte[] BodyHash { get; private set; } = [];

    public IReadOnlyList<string> SignedNames { get; private set; } = [];

    public DateTimeOffset? SignedAt { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    public bool HasRelaxedHeader { get; private set; }

    /// <summary>The body length limit l=; unlimited when absent.</summary>
    public long BodyLength { get; private set; } = long.MaxValue;

    public SignedMessage.BodyHashRequest Body { get; private set; } = null!;

    /// <summary>Parses the tags common to both kinds. On failure <paramref name="error"/> states the reason, and the signature still provides its tags.</summary>
    public static bool TryParse(
        SignedMessage message, SignedMessage.Field field, [NotNullWhen(true)] out MessageSignature? signature, [NotNullWhen(false)] out string? error)
    {
        signature = null;
        error = "malformed tags";
        if (!TagList.TryParse(message.Value(field), out var tags)) return false;
        signature = new MessageSignature(message, field, tags);
        error = signature.ReadSigner() ?? signature.ReadCoverage() ?? signature.ReadTimes();
        if (error is not null) return false;
        return true;
    }

    /// <summary>The SHA-256 of the signed fields and of the signature's own field without the value of b= (RFC 6376 §3.7).</summary>
    public byte[] HashHeader()
    {
        var canonical = new ArrayBufferWriter<byte>(4096);
        var used = new HashSet<SignedMessage.Field> { _field };
        foreach (var name in SignedNames)
        {
            // Take the last unused field with this name; a missing field is signed as absent (§5.4.2).
            for (var i = _message.Fields.Count - 1; i >= 0; i--)
            {
                var field = _message.Fields[i];
                if (field.Name != name || !used.Add(field)) continue;
                WriteField(canonical, field);
                break;
            }
        }

        WriteOwnField(canonical);
        return SHA256.HashData(canonical.WrittenSpan);
    }

    // a=, d=, s=, b=
    private string? ReadSigner()
    {
        Algorithm = _tags["a"] ?? "";
        Domain = (_tags["d"] ?? "").ToLowerInvariant();
        Selector = _tags["s"] ?? "";
        if (Algorithm.Length == 0) return "a= is missing";
        if (!IsName(Domain) || !Domain.Contains('.', StringComparison.Ordinal)) return "d= is not a domain";
        if (!IsName(Selector)) return "s= is not a selector";
        if (!TryDecode(_tags.Compact("b"), out var signature)) return "b= is not base64";
        Signature = signature;
        return null;
    }

    // bh=, h=, c=, l=
    private string? ReadCoverage()
    {
        if (!TryDecode(_tags.Compact("bh"), out var bodyHash) || bodyHash.Length != SHA256.HashSizeInBytes) return "bh= is not a SHA-256";
        BodyHash = bodyHash;
        if (_tags.Compact("h") is not { } names) return "h= is missing";
        SignedNames = names.ToLowerInvariant().Split(':');
        // The public ARC test suite assumes relaxed as the default, because simple forms rarely survive the first hop.
        var form = _field.Name == ArcName ? "relaxed/relaxed" : "simple/simple";
        if (!TryReadForms(_tags["c"] ?? form, out var relaxedHeader, out var relaxedBody)) return "c= is unknown";
        HasRelaxedHeader = relaxedHeader;
        if (_tags["l"] is { } length)
        {
            if (!long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var octets)) return "l= is not a number";
            BodyLength = octets;
        }

        Body = _message.RequestBodyHash(relaxedBody, BodyLength);
        return null;
    }

    // t=, x=
    private string? ReadTimes()
    {
        if (!TryReadTime("t", out var signed)) return "t= is not a time";
        if (!TryReadTime("x", out var expires)) return "x= is not a time";
        (SignedAt, ExpiresAt) = (signed, expires);
        return expires <= signed ? "x= is not after t=" : null;
    }

    private static bool TryReadForms(string text, out bool relaxedHeader, out bool relaxedBody)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var header = (slash < 0 ? text : text[..slash]).ToLowerInvariant();
        var body = slash < 0 ? "simple" : text[(slash + 1)..].ToLowerInvariant();
        (relaxedHeader, relaxedBody) = (header == "relaxed", body == "relaxed");
        return header is "simple" or "relaxed" && body is "simple" or "relaxed";
    }

    private bool TryReadTime(string tag, out DateTimeOffset? time)
    {
        time = null;
        if (_tags[tag] is not { } text) return true;
        const long LastSecond = 253_402_300_799;
        if (text.Length is 0 or > 12 || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        time = DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, LastSecond));
        return true;
    }

    private void WriteField(ArrayBufferWriter<byte> output, SignedMessage.Field field)
    {
        var raw = _message.Raw(field);
        if (HasRelaxedHeader)
        {
            RelaxedHeaderWriter.Write(output, Encoding.ASCII.GetBytes(field.Name), raw[field.ValueStart..]);
            output.Write("\r\n"u8);
            return;
        }

        output.Write(raw.TrimEnd("\r\n"u8));
        output.Write("\r\n"u8);
    }

    // Without the line end of the field.
    private void WriteOwnField(ArrayBufferWriter<byte> output)
    {
        var value = Encoding.Latin1.GetBytes(_tags.Without("b"));
        if (HasRelaxedHeader) RelaxedHeaderWriter.Write(output, Encoding.ASCII.GetBytes(_field.Name), value);
        else output.Write([.. _message.Raw(_field)[.._field.ValueStart], .. value.AsSpan().TrimEnd("\r\n"u8)]);
    }

    /// <summary>Decodes base64 of at least one octet.</summary>
    internal static bool TryDecode(string? base64, out byte[] octets)
    {
        octets = [];
        if (string.IsNullOrEmpty(base64)) return false;
        var buffer = new byte[(base64.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(base64, buffer, out var length) || length == 0) return false;
        octets = buffer[..length];
        return true;
    }

    /// <summary>Whether a name can be looked up in DNS: labels of letters, digits, - and _.</summary>
    internal static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && name.Split('.').All(l => l.Length is > 0 and < 64 && l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
