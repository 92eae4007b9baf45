using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MailServer.Actors.Access;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Authentication;

/// <summary>
/// Compares passwords with Argon2id hashes. A verified password is cached for 10 minutes as a keyed digest bound to the hash it was verified against:
/// password changes and disabled accounts take effect immediately, and clients that sign in on every request do not pay for the hash each time. Concurrent
/// hashing is bounded, so sign-ins cannot exhaust memory and CPU.
/// </summary>
internal sealed class CachedPasswordVerifier(IPasswordVerifier passwords, Limits limits, TimeProvider time) : IDisposable
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(10);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<AccountId, Remembered> _remembered = new();
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount));
    private int _waiting;

    /// <summary>True when this password was verified within the last minutes.</summary>
    public bool IsRemembered(AccountCredentials credentials, string password) =>
        _remembered.TryGetValue(credentials.Account.Id, out var remembered)
        && !StoredTime.IsDue(remembered.Until, time.GetUtcNow(), RememberFor)
        && remembered.Password == credentials.OwnPasswordFingerprint
        && CryptographicOperations.FixedTimeEquals(remembered.Digest, Digest(credentials, password));

    /// <summary>
    /// Compares <paramref name="password"/> with the account's own; without <paramref name="credentials"/> it does not match, after the same amount of work.
    /// Null when it was not compared: too many attempts are waiting, or the attempt was refused during the wait.
    /// </summary>
    /// <param name="password">The password.</param>
    /// <param name="credentials">Those of the account.</param>
    /// <param name="mayUpgrade">Whether a correct password signs in. Otherwise it takes no longer than a wrong one, and no stronger hash is made.</param>
    /// <param name="turn">The permission to run.</param>
    public async ValueTask<PasswordComparison?> VerifyAsync(string password, AccountCredentials? credentials, bool mayUpgrade, SignInPermit turn)
    {
        if (Interlocked.Increment(ref _waiting) > limits.QueuedSignIns)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _hashing.WaitAsync();
            try
            {
                return turn.IsRefused ? null : await CompareAsync(password, credentials?.PasswordHash, mayUpgrade);
            }
            finally
            {
                _hashing.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Remember(AccountCredentials credentials, string password)
    {
        if (_remembered.Count >= MaxRemembered) _remembered.Clear();
        _remembered[credentials.Account.Id] = new Remembered(Digest(credentials, password), credentials.OwnPasswordFingerprint, time.GetUtcNow() + RememberFor);
    }

    public void Dispose() => _hashing.Dispose();

    /// <summary>Runs on its own thread, so a burst of sign-ins leaves the thread pool to the sessions.</summary>
    private Task<PasswordComparison> CompareAsync(string password, string? hash, bool mayUpgrade) => Task.Factory.StartNew(
        () =>
        {
            var matches = passwords.Verify(password, hash ?? passwords.UnknownHash);
            return new PasswordComparison(matches, matches && mayUpgrade && hash is not null ? passwords.Upgrade(password, hash) : null);
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private byte[] Digest(AccountCredentials credentials, string password) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{credentials.Account.Id}\0{password}"));

    /// <param name="Matches">Whether the password is the account's own.</param>
    /// <param name="StrongerHash">The hash that should replace the stored one; null if that one is strong enough.</param>
    internal readonly record struct PasswordComparison(bool Matches, string? StrongerHash);

    private sealed record Remembered(byte[] Digest, CredentialFingerprint Password, DateTimeOffset Until);
}
