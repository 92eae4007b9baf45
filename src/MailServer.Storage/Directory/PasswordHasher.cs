using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;

namespace MailServer.Storage.Directory;

/// <summary>
/// Hashes and verifies passwords: Argon2id for protocols that send the password, SCRAM-SHA-256 keys
/// for challenge-response. Deliberately slow; callers limit how many operations run at the same time.
/// </summary>
public sealed class PasswordHasher(PasswordHasherOptions options)
{
    /// <summary>Maximum length of a password in octets of UTF-8; longer ones are rejected without hashing.</summary>
    public const int MaxPasswordLength = 1_024;

    private const int ScramSaltLength = 16;

    /// <summary>True if <paramref name="password"/> can be set: not empty, not too long, no control characters (RFC 4013 §2.3).</summary>
    public static bool IsAcceptable(string password) => TryPrepare(password, out _);

    /// <summary>Hashes a new password.</summary>
    public StoredPassword Hash(string password)
    {
        if (!TryPrepare(password, out var prepared)) throw new ArgumentException("the password is not acceptable", nameof(password));
        return new StoredPassword(Argon2Hash.Compute(prepared, options).ToString(), MakeScramKeys(prepared));
    }

    /// <summary>Verifies <paramref name="password"/> against <paramref name="hash"/> in constant time.</summary>
    public static bool Verify(string password, string hash) =>
        TryPrepare(password, out var prepared) && Argon2Hash.TryParse(hash, out var stored) && stored.Matches(prepared);

    /// <summary>
    /// True if <paramref name="hash"/> should be replaced while the password is available: it is not Argon2id, or cheaper to compute than the configured cost.
    /// A more expensive hash is kept, so that two nodes with different settings do not replace each other's hashes.
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
