using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Access;

/// <summary>An app password for one device. Only a digest is stored; the secret is shown once, when it is created.</summary>
/// <param name="Id">Unique id, never reused.</param>
/// <param name="Name">Name of the device, chosen by the owner.</param>
/// <param name="Scope">The services that it grants.</param>
/// <param name="Digest">SHA-256 digest of the secret; see <see cref="AppPasswordSecret"/>.</param>
/// <param name="CreatedAt">Creation time.</param>
/// <param name="LastUsedAt">Time of the last use, precise to one hour; null if never used.</param>
public sealed record AppPassword(
    long Id, string Name, AccessScope Scope, ReadOnlyMemory<byte> Digest, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
{
    /// <summary>When and from where it may be used.</summary>
    public AppPasswordLimits Validity { get; init; } = AppPasswordLimits.None;

    /// <summary>Whether its validity has ended. An end that is further away than when the password was made was set by a wrong clock, and has passed.</summary>
    public bool HasExpiredAt(DateTimeOffset now) => Validity.ExpiresAt is { } end && StoredTime.IsDue(end, now, end - CreatedAt);

    /// <summary>Omits the digest, because the text may reach a log.</summary>
    public override string ToString() => $"AppPassword {{ Id = {Id}, Name = {Name} }}";
}

/// <summary>
/// Creates and digests the secrets of app passwords: 128 random bits as 26 letters and digits, in groups of four. One round of SHA-256 is enough: a slow
/// hash protects guessable passwords, and 128 random bits cannot be guessed. Clients that sign in with every request therefore cost almost nothing.
/// </summary>
public static class AppPasswordSecret
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Letters = 26;
    private const int GroupLength = 4;

    /// <summary>Formats a secret from random octets.</summary>
    /// <param name="random">16 random octets.</param>
    public static string Format(ReadOnlySpan<byte> random)
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

    /// <summary>Digests a secret as typed, ignoring grouping and case; null if the text cannot be an app password.</summary>
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
