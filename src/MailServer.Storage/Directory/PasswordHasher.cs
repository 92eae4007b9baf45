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

    // A hash imported with an extreme cost must not multiply the work of every failed sign-in.
    private const int MaxExcess = 4;

    private readonly long _configuredWork = Argon2Hash.WorkOf(options.MemoryKib, options.Passes);
    private long _highestWork;

    /// <summary>True if <paramref name="password"/> can be set: not empty, not too long, no control characters (RFC 4013 §2.3).</summary>
    public static bool IsAcceptable(string password) => TryPrepare(password, out _);

    /// <summary>Hashes a new password.</summary>
    public StoredPassword Hash(string password)
    {
        if (!TryPrepare(password, out var prepared)) throw new ArgumentException("the password is not acceptable", nameof(password));
        return new StoredPassword(Argon2Hash.Compute(prepared, options).ToString(), MakeScramKeys(prepared));
    }

    /// <summary>Hashes a random password that nobody knows, for an account whose user has not chosen one yet. It cannot be guessed, so the hash is cheap; comparing with it is not.</summary>
    public StoredPassword HashUnknown()
    {
        var unknown = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        return new StoredPassword(Argon2Hash.Compute(unknown, options with { MemoryKib = 64 * options.Parallelism, Passes = 1 }).ToString(), MakeScramKeys(unknown));
    }

    /// <summary>Verifies <paramref name="password"/> against <paramref name="hash"/> in constant time.</summary>
    public static bool Verify(string password, string hash) =>
        TryPrepare(password, out var prepared) && Argon2Hash.TryParse(hash, out var stored) && stored.Matches(prepared);

    /// <summary>
    /// Like <see cref="Verify"/>, but the amount of work does not depend on the hash: after one that is cheap or unusable the remaining work is done too, so the time
    /// does not tell whether an account exists. All work as much as the configured cost or, up to four times that, the most expensive hash seen.
    /// </summary>
    public bool VerifyAtEqualCost(string password, string hash)
    {
        if (!TryPrepare(password, out var prepared)) return false;
        var stored = Argon2Hash.TryParse(hash, out var parsed) ? parsed : null;
        var work = stored?.Work ?? 0;
        var matches = stored?.Matches(prepared) == true;
        Argon2Hash.Spend(prepared, RaiseWork(work) - work, options);
        return matches;
    }

    /// <summary>
    /// True if <paramref name="hash"/> should be replaced while the password is available: it is not Argon2id, or cheaper to compute than the configured cost.
    /// A more expensive hash is kept, so that two nodes with different settings do not replace each other's hashes.
    /// </summary>
    public bool NeedsRehash(string hash) => !Argon2Hash.TryParse(hash, out var stored) || stored.IsCheaperThan(options);

    /// <summary>Notes the work of a hash; returns the work that every comparison does.</summary>
    private long RaiseWork(long work)
    {
        work = Math.Clamp(work, _configuredWork, MaxExcess * _configuredWork);
        var highest = Interlocked.Read(ref _highestWork);
        while (work > highest && Interlocked.CompareExchange(ref _highestWork, work, highest) is var now && now != highest) highest = now;
        return Math.Max(work, highest);
    }

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
