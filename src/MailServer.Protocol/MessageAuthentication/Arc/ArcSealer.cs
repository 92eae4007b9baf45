using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>The options for sealing a message.</summary>
public sealed record ArcSealOptions
{
    /// <summary>The authserv-id of this server.</summary>
    public required string AuthservId { get; init; }

    /// <summary>The results of this server, one per method (<c>spf=pass smtp.mailfrom=a.example</c>).</summary>
    public required IReadOnlyList<string> Results { get; init; }

    /// <summary>The field names for h= of the message signature. Of repeated fields only one is signed.</summary>
    public IReadOnlyList<string> SignedNames { get; init; } =
        ["from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version", "content-type", "dkim-signature"];

    public required DateTimeOffset Now { get; init; }
}

/// <summary>Adds an ARC set to a forwarded message (RFC 8617 §5.1), so that the next receiver sees this server's results.</summary>
public static class ArcSealer
{
    private const int FirstWidth = 70;
    private const int Width = 72;

    /// <summary>The three header fields with their line ends, to be prepended to the message; null when the chain must not be extended.</summary>
    public static string? Seal(ArcChain chain, ArcResult state, DkimKey key, ArcSealOptions options)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        // After a temporary error, do not mark the chain as failed: that would be permanent.
        if (chain.IsMarkedFailed || chain.Count >= ArcChain.MaxInstance || state == ArcResult.TempError) return null;
        var instance = chain.Count + 1;
        var results = $"i={instance}; {options.AuthservId}; {string.Join(";\r\n\t", options.Results)}";
        var signature = Sign(chain.Message, key, instance, options);
        var verdict = state switch { ArcResult.None => "none", ArcResult.Pass => "pass", _ => "fail" };
        var front = $"a={key.Algorithm};\r\n\tb=";
        var back = string.Create(
            CultureInfo.InvariantCulture,
            $"; cv={verdict}; d={key.Domain}; i={instance}; s={key.Selector};\r\n\tt={options.Now.ToUnixTimeSeconds()}");

        var own = new ArrayBufferWriter<byte>(2048);
        WriteRelaxed(own, ArcChain.ResultsName, results);
        own.Write("\r\n"u8);
        WriteRelaxed(own, ArcChain.SignatureName, signature);
        own.Write("\r\n"u8);
        WriteRelaxed(own, ArcChain.SealName, front + back);
        var before = state == ArcResult.Fail ? [] : chain.Sets;
        var seal = key.Sign(ArcChain.HashSeal(chain.Message, before, own.WrittenSpan));
        return $"ARC-Seal: {front}{Fold(seal)}{back}\r\nARC-Message-Signature: {signature}\r\nARC-Authentication-Results: {results}\r\n";
    }

    private static string Sign(SignedMessage message, DkimKey key, int instance, ArcSealOptions options)
    {
        var names = options.SignedNames.Where(n => message.FieldsNamed(n).Any()).ToArray();
        var (body, _) = message.GetBodyHash(message.RequestBodyHash(relaxed: true, long.MaxValue));
        var front = $"a={key.Algorithm};\r\n\tb=";
        // Do not fold before i=: dkimpy expects a space there.
        var back = string.Create(
            CultureInfo.InvariantCulture,
            $";\r\n\tbh={Convert.ToBase64String(body)}; c=relaxed/relaxed;\r\n\td={key.Domain}; h={FoldNames(names)}; i={instance};\r\n\ts={key.Selector}; t={options.Now.ToUnixTimeSeconds()}");
        var canonical = new ArrayBufferWriter<byte>(4096);
        foreach (var name in names)
        {
            var field = message.FieldsNamed(name).Last();
            RelaxedHeaderWriter.Write(canonical, Encoding.ASCII.GetBytes(name), message.Raw(field)[field.ValueStart..]);
            canonical.Write("\r\n"u8);
        }

        WriteRelaxed(canonical, ArcChain.SignatureName, front + back);
        return front + Fold(key.Sign(SHA256.HashData(canonical.WrittenSpan))) + back;
    }

    private static void WriteRelaxed(ArrayBufferWriter<byte> output, string name, string value) =>
        RelaxedHeaderWriter.Write(output, Encoding.ASCII.GetBytes(name), Encoding.UTF8.GetBytes(value));

    private static string Fold(byte[] signature)
    {
        var text = Convert.ToBase64String(signature);
        var folded = new StringBuilder(text, 0, Math.Min(FirstWidth, text.Length), text.Length + 32);
        for (var at = FirstWidth; at < text.Length; at += Width) folded.Append("\r\n\t").Append(text, at, Math.Min(Width, text.Length - at));
        return folded.ToString();
    }

    private static string FoldNames(string[] names)
    {
        const int PerLine = 5;
        return string.Join(":\r\n\t", names.Chunk(PerLine).Select(line => string.Join(':', line)));
    }
}
