using System.Security.Cryptography;
using System.Text;

namespace MailServer.Domain.Access;

/// <summary>
/// Recovery codes, which replace a one-time code when the authenticator app is lost. Each works once. A code is 80 random bits as 16 letters and digits in groups of four, so one round
/// of SHA-256 protects it: it cannot be guessed.
/// </summary>
public static class RecoveryCode
{
    /// <summary>The number of codes that are created together.</summary>
    public const int SetSize = 10;

    /// <summary>The random octets of a code.</summary>
    public const int RandomLength = 10;

    /// <summary>The length of a digest in octets.</summary>
    public const int DigestLength = SHA256.HashSizeInBytes;

    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Letters = 16;
    private const int GroupLength = 4;
    private const int BitsPerLetter = 5;

    /// <summary>Formats a code from random octets.</summary>
    /// <param name="random"><see cref="RandomLength"/> random octets.</param>
    public static string Format(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, RandomLength);
        UInt128 number = 0;
        foreach (var octet in random) number = (number << 8) | octet;
        var text = new StringBuilder(Letters + (Letters / GroupLength));
        for (var i = 0; i < Letters; i++, number >>= BitsPerLetter)
        {
            if (i > 0 && i % GroupLength == 0) text.Append('-');
            text.Append(Alphabet[(int)(number & ((1 << BitsPerLetter) - 1))]);
        }

        return text.ToString();
    }

    /// <summary>Digests a code as typed, ignoring grouping and case; null if the text cannot be a recovery code.</summary>
    public static byte[]? DigestOf(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        var letters = string.Concat(typed.Where(static c => c is not ('-' or ' '))).ToLowerInvariant();
        return letters.Length == Letters && letters.All(static c => Alphabet.Contains(c, StringComparison.Ordinal)) ? SHA256.HashData(Encoding.ASCII.GetBytes(letters)) : null;
    }
}
