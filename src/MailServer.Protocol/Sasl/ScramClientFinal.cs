using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MailServer.Domain;

namespace MailServer.Protocol.Sasl;

/// <summary>client-final-message (RFC 5802 §7): <c>"c=" cbind-input ",r=" nonce ["," extensions] ",p=" proof</c>.</summary>
internal sealed record ScramClientFinal(string ChannelBinding, string Nonce, string WithoutProof, byte[] Proof)
{
    public static bool TryParse(ReadOnlySpan<byte> octets, Limits limits, [NotNullWhen(true)] out ScramClientFinal? message)
    {
        message = null;
        if (octets.Length > limits.ScramMessage || !SaslText.TryRead(octets, limits with { CredentialLength = limits.ScramMessage }, out var text)) return false;
        var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) return false;
        var withoutProof = text[..proofAt];
        var parts = withoutProof.Split(',');
        if (parts.Length < 2 || !parts[0].StartsWith("c=", StringComparison.Ordinal) || !parts[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        var proof = new byte[SHA256.HashSizeInBytes];
        if (!Convert.TryFromBase64Chars(text.AsSpan(proofAt + 3), proof, out var length) || length != proof.Length) return false;
        message = new ScramClientFinal(parts[0][2..], parts[1][2..], withoutProof, proof);
        return true;
    }
}
