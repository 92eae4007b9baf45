using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Authentication;

/// <summary>
/// The one authentication service that every protocol asks. A password that was verified is remembered for minutes, as a keyed digest bound
/// to the hash it was verified against: a changed password or a disabled account counts at once, and clients that sign in at every
/// request do not pay for Argon2id each time. Hashing is bounded, so that sign-ins cannot take the machine's memory and cores.
/// </summary>
public sealed partial class Authenticator : IDisposable
{
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(10);
    private const int MaxRemembered = 10_000;
    private const int MaxWaiting = 200;
    private const int UnknownIterations = 10_000;

    private readonly IDirectory _directory;
    private readonly IPasswordVerifier _passwords;
    private readonly TimeProvider _time;
    private readonly ILogger<Authenticator> _log;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<AccountId, Remembered> _remembered = new();
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount));
    private int _waiting;

    public Authenticator(IDirectory directory, IPasswordVerifier passwords, TimeProvider time, ILogger<Authenticator> log)
    {
        _directory = directory;
        _passwords = passwords;
        _time = time;
        _log = log;
    }

    public async ValueTask<AuthenticationReply> AnswerAsync(AuthenticationRequest request, IPAddress peer)
    {
        try
        {
            return request switch
            {
                AuthenticationRequest.CheckPassword check => await CheckPasswordAsync(check, peer),
                AuthenticationRequest.FindScramKeys find => await FindKeysAsync(find.Login),
                AuthenticationRequest.ReportScram { Succeeded: false } report => Rejected(report.Login, peer),
                AuthenticationRequest.ReportScram report => await AcceptProofAsync(report.Login, peer),
                _ => throw new InvalidOperationException($"unknown request {request}"),
            };
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or DirectoryException)
        {
            LogUnavailable(e);
            return new AuthenticationReply.Unavailable();
        }
    }

    private async ValueTask<AuthenticationReply> CheckPasswordAsync(AuthenticationRequest.CheckPassword check, IPAddress peer)
    {
        var credentials = EmailAddress.TryParse(check.Login, out var login) ? await _directory.FindLoginAsync(login, CancellationToken.None) : null;
        var mayAct = string.IsNullOrEmpty(check.AuthorizeAs) || check.AuthorizeAs.Equals(check.Login, StringComparison.OrdinalIgnoreCase);
        if (credentials is { Account.Enabled: true } && mayAct && IsRemembered(credentials, check.Password))
            return new AuthenticationReply.Accepted(credentials.Account);

        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new AuthenticationReply.Unavailable();
        }

        try
        {
            await _hashing.WaitAsync();
            try
            {
                // Unknown, disabled and wrong take the same time and the same answer.
                var fits = await VerifyAsync(check.Password, credentials?.PasswordHash);
                if (!fits || !mayAct || credentials is not { Account.Enabled: true }) return Rejected(check.Login, peer);
                Remember(credentials, check.Password);
                return new AuthenticationReply.Accepted(credentials.Account);
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

    /// <summary>On a thread of its own: a burst of sign-ins leaves the thread pool to the sessions.</summary>
    private Task<bool> VerifyAsync(string password, string? hash) => Task.Factory.StartNew(
        () => _passwords.Verify(password, hash ?? _passwords.UnknownHash),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async ValueTask<AuthenticationReply> FindKeysAsync(string text)
    {
        var credentials = EmailAddress.TryParse(text, out var login) ? await _directory.FindLoginAsync(login, CancellationToken.None) : null;
        if (credentials is { Scram: { } keys, Account: var account })
            return new AuthenticationReply.Keys(keys, account.Enabled ? account : null);

        // The same salt at every try, so that an unknown login looks like a known one (RFC 5802 §9 on enumeration).
        var digest = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text.ToLowerInvariant()));
        var nobody = new ScramKeys(digest.AsMemory(0, 16), UnknownIterations, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        return new AuthenticationReply.Keys(nobody, null);
    }

    /// <summary>The proof was right for the keys of then; the account must still be there now.</summary>
    private async ValueTask<AuthenticationReply> AcceptProofAsync(string text, IPAddress peer)
    {
        var credentials = EmailAddress.TryParse(text, out var login) ? await _directory.FindLoginAsync(login, CancellationToken.None) : null;
        return credentials is { Account: { Enabled: true } account } ? new AuthenticationReply.Accepted(account) : Rejected(text, peer);
    }

    private AuthenticationReply.Rejected Rejected(string login, IPAddress peer)
    {
        LogRejected(login, peer);
        return new AuthenticationReply.Rejected();
    }

    private bool IsRemembered(AccountCredentials credentials, string password) =>
        _remembered.TryGetValue(credentials.Account.Id, out var remembered)
        && remembered.Until > _time.GetUtcNow()
        && remembered.Hash == credentials.PasswordHash
        && CryptographicOperations.FixedTimeEquals(remembered.Digest, Digest(credentials, password));

    private void Remember(AccountCredentials credentials, string password)
    {
        if (_remembered.Count >= MaxRemembered) _remembered.Clear();
        _remembered[credentials.Account.Id] = new Remembered(Digest(credentials, password), credentials.PasswordHash, _time.GetUtcNow() + RememberFor);
    }

    private byte[] Digest(AccountCredentials credentials, string password) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{credentials.Account.Id}\0{password}"));

    public void Dispose() => _hashing.Dispose();

    private sealed record Remembered(byte[] Digest, string Hash, DateTimeOffset Until);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sign-in as {Login} from {Peer} failed")]
    private partial void LogRejected(string login, IPAddress peer);

    [LoggerMessage(Level = LogLevel.Error, Message = "The directory cannot be asked")]
    private partial void LogUnavailable(Exception exception);
}
