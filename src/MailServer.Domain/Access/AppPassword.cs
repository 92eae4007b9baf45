using System.Security.Cryptography;
using System.Text;

namespace MailServer.Domain.Access;

/// <summary>A password of one device. What is kept is a digest; the secret is shown once, when it is made.</summary>
/// <param name="Id">Its number, for ever.</param>
/// <param name="Name">The device, in the owner's words.</param>
/// <param name="Scope">What it opens.</param>
/// <param name="Digest">See <see cref="AppPasswordSecret"/>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastUsedAt">When it was last used, to the hour; null when never.</param>
public sealed record AppPassword(
    long Id, string Name, AccessScope Scope, ReadOnlyMemory<byte> Digest, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
{
    /// <summary>Never the digest: this may reach a log.</summary>
    public override string ToString() => $"AppPassword {{ Id = {Id}, Name = {Name} }}";
}

/// <summary>
/// The secrets of app passwords: 128 random bits in 26 letters and digits, grouped for reading. Their digest is one round of SHA-256: a slow hash
/// makes up for passwords that can be guessed, and nobody guesses 128 bits. Devices that sign in at every request pay next to nothing.
/// </summary>
public static class AppPasswordSecret
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Letters = 26;
    private const int GroupLength = 4;

    /// <summary>Makes one from random octets.</summary>
    /// <param name="random">16 octets.</param>
    public static string Write(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, 16);
        var number = new UInt128(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(random), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(random[8..]));
        var text = new StringBuilder(Letters + (Letters / GroupLength));
        for (var i = 0; i < Letters; i++, number >>= 5)
        {
            if (i > 0 && i % GroupLength == 0) text.Append('-');
            text.Append(Alphabet[(int)(number & 31)]);
        }

        return text.ToString();
    }

    /// <summary>The digest of what somebody typed, however it was grouped; null when it cannot be an app password.</summary>
    public static byte[]? DigestOf(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        Span<byte> letters = stackalloc byte[Letters];
        var count = 0;
        foreach (var character in typed)
        {
            if (character is '-' or ' ') continue;
            if (count == Letters || !char.IsAsciiLetterOrDigit(character)) return null;
            letters[count++] = (byte)char.ToLowerInvariant(character);
        }

        return count == Letters ? SHA256.HashData(letters) : null;
    }
}
