using System.Diagnostics.CodeAnalysis;
using System.Text;
using MailServer.Domain;

namespace MailServer.Protocol.Sasl;

/// <summary>client-first-message (RFC 5802 §7): <c>gs2-header "n=" saslname ",r=" c-nonce ["," extensions]</c>.</summary>
internal sealed record ScramClientFirst
{
    /// <summary>The name of the channel binding that the client uses; null without one.</summary>
    public required string? Binding { get; init; }

    /// <summary>The client could use a channel binding, but believes that the server cannot.</summary>
    public required bool MissesBinding { get; init; }

    public required string? AuthorizeAs { get; init; }

    public required string Login { get; init; }

    public required string Nonce { get; init; }

    /// <summary>client-first-message-bare, which is part of the AuthMessage.</summary>
    public required string Bare { get; init; }

    /// <summary>gs2-header, which the final message repeats.</summary>
    public required string Header { get; init; }

    /// <summary>The only valid value of <c>c=</c> in the final message: the header and the value of the channel binding, in base64.</summary>
    public string ExpectedBinding(ReadOnlyMemory<byte> binding) => Convert.ToBase64String([.. Encoding.UTF8.GetBytes(Header), .. binding.Span]);

    public static bool TryParse(ReadOnlySpan<byte> octets, Limits limits, [NotNullWhen(true)] out ScramClientFirst? message)
    {
        message = null;
        if (octets.Length > limits.ScramMessage || !SaslText.TryRead(octets, limits with { CredentialLength = limits.ScramMessage }, out var text)) return false;
        var parts = text.Split(',');
        if (parts.Length < 4 || !TryReadBinding(parts[0], out var binding)) return false;
        string? authorizeAs = null;
        if (parts[1].Length > 0 && !TryReadName(parts[1], "a=", limits, out authorizeAs)) return false;
        // A mandatory extension ("m=") takes the place of the name, so it is refused (RFC 5802 §5.1).
        if (!TryReadName(parts[2], "n=", limits, out var login)) return false;
        if (!parts[3].StartsWith("r=", StringComparison.Ordinal) || !IsNonce(parts[3].AsSpan(2))) return false;
        var header = parts[0].Length + parts[1].Length + 2;
        message = new ScramClientFirst
        {
            Binding = binding,
            MissesBinding = parts[0] == "y",
            AuthorizeAs = authorizeAs,
            Login = SaslText.PrepareName(login),
            Nonce = parts[3][2..],
            Bare = text[header..],
            Header = text[..header],
        };
        return true;
    }

    // gs2-cbind-flag: "n" not supported, "y" supported but not offered by the server, "p=name" required.
    private static bool TryReadBinding(string flag, out string? name)
    {
        name = flag.Length > 2 && flag.StartsWith("p=", StringComparison.Ordinal) ? flag[2..] : null;
        return name is not null || flag is "n" or "y";
    }

    // saslname: "," is encoded as =2C and "=" as =3D; no other use of "=" is allowed.
    private static bool TryReadName(string part, string prefix, Limits limits, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (!part.StartsWith(prefix, StringComparison.Ordinal) || part.Length == prefix.Length || part.Length > limits.CredentialLength) return false;
        var value = part[prefix.Length..];
        var decoded = value.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        var escapes = value.AsSpan().Count("=2C") + value.AsSpan().Count("=3D");
        if (value.AsSpan().Count('=') != escapes) return false;
        name = decoded;
        return true;
    }

    private static bool IsNonce(ReadOnlySpan<char> text) => text.Length is > 0 and <= 256 && !text.ContainsAnyExceptInRange('!', '~');
}
