using System.Diagnostics.CodeAnalysis;

namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>The value of an ARC-Seal (RFC 8617 §4.1.3).</summary>
internal sealed record ArcSeal(TagList Tags, string Algorithm, string Domain, string Selector, string State, byte[] Signature)
{
    public static bool TryParse(SignedMessage message, SignedMessage.Field field, [NotNullWhen(true)] out ArcSeal? seal, [NotNullWhen(false)] out string? error)
    {
        seal = null;
        error = "malformed tags";
        if (!TagList.TryParse(message.Value(field), out var tags)) return false;
        var domain = (tags["d"] ?? "").ToLowerInvariant();
        var selector = tags["s"] ?? "";
        error = (tags["cv"], tags["t"]) switch
        {
            _ when tags["h"] is not null => "h= is not allowed",
            (not ("none" or "pass" or "fail"), _) => "cv= is unknown",
            (_, { } time) when time.Length == 0 || !time.All(char.IsAsciiDigit) => "t= is not a time",
            _ when !MessageSignature.IsName(domain) || !domain.Contains('.', StringComparison.Ordinal) => "d= is not a domain",
            _ when !MessageSignature.IsName(selector) => "s= is not a selector",
            _ => null,
        };
        if (error is not null) return false;
        if (!MessageSignature.TryDecode(tags.Compact("b"), out var signature))
        {
            error = "b= is not base64";
            return false;
        }

        seal = new ArcSeal(tags, tags["a"] ?? "", domain, selector, tags["cv"]!, signature);
        return true;
    }
}
