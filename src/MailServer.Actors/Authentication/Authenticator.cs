using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Measurements;
using MailServer.Domain.Timing;
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
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromHours(1);
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

    /// <summary>Who keeps those out who guess.</summary>
    public LoginGuard Guard { get; init; } = LoginGuard.Off;

    public IAuditLog Audit { get; init; } = NoAudit.Instance;

    /// <summary>Is told of the use of an app password, at most once an hour for each.</summary>
    public Func<AppPassword, ValueTask> AppPasswordUsed { get; init; } = static _ => ValueTask.CompletedTask;

    /// <param name="request">What is asked.</param>
    /// <param name="peer">Where the client is.</param>
    /// <param name="scope">What it wants to come in for.</param>
    public async ValueTask<AuthenticationReply> AnswerAsync(AuthenticationRequest request, IPAddress peer, AccessScope scope)
    {
        try
        {
            return request switch
            {
                AuthenticationRequest.CheckPassword check => await CheckPasswordAsync(check, peer, scope),
                AuthenticationRequest.FindScramKeys find => await FindKeysAsync(find.Login, peer, scope),
                AuthenticationRequest.ReportScram { Succeeded: false } report => await RejectAsync(report.Login, peer, scope),
                AuthenticationRequest.ReportScram report => await AcceptProofAsync(report.Login, peer, scope),
                _ => throw new InvalidOperationException($"unknown request {request}"),
            };
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or DirectoryException)
        {
            LogUnavailable(e);
            return new AuthenticationReply.Unavailable();
        }
    }

    private async ValueTask<AuthenticationReply> CheckPasswordAsync(AuthenticationRequest.CheckPassword check, IPAddress peer, AccessScope scope)
    {
        if (Guard.Refuses(peer, check.Login)) return Refuse(check.Login, peer);
        var credentials = EmailAddress.TryParse(check.Login, out var login) ? await _directory.FindLoginAsync(login, CancellationToken.None) : null;
        var mayAct = string.IsNullOrEmpty(check.AuthorizeAs) || check.AuthorizeAs.Equals(check.Login, StringComparison.OrdinalIgnoreCase);
        if (credentials is { Account.Enabled: true } && mayAct)
        {
            if (FindAppPassword(credentials, check.Password, scope) is { } app) return await AcceptAppPasswordAsync(credentials.Account, app, peer, scope);
            if (MayUseOwnPassword(credentials, scope) && IsRemembered(credentials, check.Password)) return Accept(credentials.Account, CredentialStamp.Of(credentials.PasswordHash), peer, scope, isNews: scope != AccessScope.Dav);
        }

        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new AuthenticationReply.Unavailable();
        }

        bool fits;
        try
        {
            await _hashing.WaitAsync();
            try
            {
                // Unknown, disabled and wrong take the same time and the same answer.
                fits = await VerifyAsync(check.Password, credentials?.PasswordHash);
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

        if (!fits || !mayAct || credentials is not { Account.Enabled: true } || !MayUseOwnPassword(credentials, scope)) return await RejectAsync(check.Login, peer, scope);
        Remember(credentials, check.Password);
        return Accept(credentials.Account, CredentialStamp.Of(credentials.PasswordHash), peer, scope, isNews: true);
    }

    private static bool MayUseOwnPassword(AccountCredentials credentials, AccessScope scope) => !credentials.AppPasswordsOnly || scope == AccessScope.Web;

    private static AppPassword? FindAppPassword(AccountCredentials credentials, string password, AccessScope scope)
    {
        if (credentials.AppPasswords.Count == 0 || AppPasswordSecret.DigestOf(password) is not { } digest) return null;
        return credentials.AppPasswords.FirstOrDefault(p => CryptographicOperations.FixedTimeEquals(p.Digest.Span, digest) && p.Scope.HasFlag(scope));
    }

    private async ValueTask<AuthenticationReply> AcceptAppPasswordAsync(Account account, AppPassword password, IPAddress peer, AccessScope scope)
    {
        var isNews = password.LastUsedAt is not { } last || StoredTime.IsOlder(last, _time.GetUtcNow(), NoteUseEvery);
        if (isNews) await AppPasswordUsed(password);
        return Accept(account, CredentialStamp.Of(password), peer, scope, isNews || scope != AccessScope.Dav, $"app password {password.Name}");
    }

    private AuthenticationReply.Accepted Accept(Account account, CredentialStamp stamp, IPAddress peer, AccessScope scope, bool isNews, string how = "")
    {
        if (isNews)
        {
            Guard.Succeeded(peer, account.Address.ToString());
            Measure(scope, "ok");
            Audit.Note(new AuditEvent(_time.GetUtcNow(), "sign-in.ok", account.Address.ToString(), NameOf(scope), peer, how));
        }

        return new AuthenticationReply.Accepted(account) { Stamp = stamp };
    }

    /// <summary>On a thread of its own: a burst of sign-ins leaves the thread pool to the sessions.</summary>
    private Task<bool> VerifyAsync(string password, string? hash) => Task.Factory.StartNew(
        () => _passwords.Verify(password, hash ?? _passwords.UnknownHash),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async ValueTask<AuthenticationReply> FindKeysAsync(string text, IPAddress peer, AccessScope scope)
    {
        var credentials = EmailAddress.TryParse(text, out var login) ? await _directory.FindLoginAsync(login, CancellationToken.None) : null;
        if (credentials is { Scram: { } keys, Account: var account } && MayUseOwnPassword(credentials, scope) && !Guard.Refuses(peer, text))
            return new AuthenticationReply.Keys(keys, account.Enabled ? account : null);

        // The same salt at every try, so that an unknown login looks like a known one (RFC 5802 §9 on enumeration).
        var digest = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text.ToLowerInvariant()));
        var nobody = new ScramKeys(digest.AsMemory(0, 16), UnknownIterations, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        return new AuthenticationReply.Keys(nobody, null);
    }

    /// <summary>The proof was right for the keys of then; the account must still be there now.</summary>
    private async ValueTask<AuthenticationReply> AcceptProofAsync(string text, IPAddress peer, AccessScope scope)
    {
        var credentials = EmailAddress.TryParse(text, out var login) ? await _directory.FindLoginAsync(login, CancellationToken.None) : null;
        if (credentials is not { Account: { Enabled: true } account }) return await RejectAsync(text, peer, scope);
        return Accept(account, CredentialStamp.Of(credentials.PasswordHash), peer, scope, isNews: true);
    }

    private async ValueTask<AuthenticationReply> RejectAsync(string login, IPAddress peer, AccessScope scope)
    {
        LogRejected(login, peer);
        Measure(scope, "failed");
        Audit.Note(new AuditEvent(_time.GetUtcNow(), "sign-in.failed", login, NameOf(scope), peer, ""));
        if (Guard.Failed(peer, login) is { Ticks: > 0 } delay) await Task.Delay(delay, _time);
        return new AuthenticationReply.Rejected();
    }

    private AuthenticationReply.Rejected Refuse(string login, IPAddress peer)
    {
        LogRefused(login, peer);
        return new AuthenticationReply.Rejected();
    }

    private static void Measure(AccessScope scope, string result) =>
        Measured.SignIns.Add(1, new KeyValuePair<string, object?>("scope", NameOf(scope)), new KeyValuePair<string, object?>("result", result));

    private static string NameOf(AccessScope scope) => scope switch
    {
        AccessScope.Mail => "mail",
        AccessScope.Submit => "submit",
        AccessScope.Dav => "dav",
        _ => "web",
    };

    private bool IsRemembered(AccountCredentials credentials, string password) =>
        _remembered.TryGetValue(credentials.Account.Id, out var remembered)
        && !StoredTime.IsDue(remembered.Until, _time.GetUtcNow(), RememberFor)
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Sign-in as {Login} from {Peer} was not looked at: too many have failed")]
    private partial void LogRefused(string login, IPAddress peer);

    [LoggerMessage(Level = LogLevel.Error, Message = "The directory cannot be asked")]
    private partial void LogUnavailable(Exception exception);
}
