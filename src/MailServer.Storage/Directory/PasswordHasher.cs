using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;

namespace MailServer.Storage.Directory;

/// <summary>
/// Turns passwords into what the directory keeps, and checks them. Argon2id for protocols that send the password,
/// SCRAM-SHA-256 keys for those that prove it. Slow on purpose: callers bound how many run at once.
/// </summary>
public sealed class PasswordHasher(PasswordHasherOptions options)
{
    /// <summary>The longest password, in octets of UTF-8; a longer one is refused unread.</summary>
    public const int MaxPasswordLength = 1_024;

    private const int ScramSaltLength = 16;

    /// <summary>Whether <paramref name="password"/> can be set: not empty, not too long, without control characters (RFC 4013 §2.3).</summary>
    public static bool IsAcceptable(string password) => TryPrepare(password, out _);

    /// <summary>What to keep of a new password. One that is not <see cref="IsAcceptable"/> is an argument error.</summary>
    public StoredPassword Hash(string password)
    {
        if (!TryPrepare(password, out var prepared)) throw new ArgumentException("this password cannot be used", nameof(password));
        return new StoredPassword(Argon2Hash.Compute(prepared, options).ToString(), MakeScramKeys(prepared));
    }

    /// <summary>Whether <paramref name="password"/> is the one of <paramref name="hash"/>; compares in constant time.</summary>
    public static bool Verify(string password, string hash) =>
        TryPrepare(password, out var prepared) && Argon2Hash.TryParse(hash, out var stored) && stored.Fits(prepared);

    /// <summary>
    /// Whether <paramref name="hash"/> should be replaced while the password is known: it is not Argon2id, or cheaper to compute than the configured cost.
    /// A dearer hash stays, so that two nodes with different settings do not replace each other's.
    /// </summary>
    public bool NeedsRehash(string hash) => !Argon2Hash.TryParse(hash, out var stored) || stored.IsCheaperThan(options);

    private static bool TryPrepare(string password, out string prepared)
    {
        prepared = "";
        if (password.Length > MaxPasswordLength || !SaslPrep.TryPrepare(password, out var text)) return false;
        prepared = text;
        return Encoding.UTF8.GetByteCount(text) is > 0 and <= MaxPasswordLength;
    }

    // RFC 5802 §3
    private ScramKeys MakeScramKeys(string prepared)
    {
        var salt = RandomNumberGenerator.GetBytes(ScramSaltLength);
        var salted = Rfc2898DeriveBytes.Pbkdf2(prepared, salt, options.ScramIterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return new ScramKeys(salt, options.ScramIterations, stored, HMACSHA256.HashData(salted, "Server Key"u8));
    }
}
