using System.Net;
using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Authentication;

/// <summary>
/// The authentication service of all protocols. It checks credentials inside <see cref="SignInGate.TryAsync"/>, which decides whether an attempt may run
/// and counts it.
/// </summary>
public sealed partial class Authenticator : IDisposable
{
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromHours(1);

    private readonly IDirectory _directory;
    private readonly TimeProvider _time;
    private readonly ILogger<Authenticator> _log;
    private readonly SignInGate _gate;
    private readonly CachedPasswordVerifier _passwords;

    /// <param name="directory">The credentials.</param>
    /// <param name="passwords">Compares a password with its hash.</param>
    /// <param name="guard">Limits attempts.</param>
    /// <param name="audit">Receives every sign-in.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Receives failures.</param>
    public Authenticator(IDirectory directory, IPasswordVerifier passwords, LoginGuard guard, IAuditLog audit, Limits limits, TimeProvider time, ILogger<Authenticator> log)
    {
        (_directory, _time, _log) = (directory, time, log);
        _gate = new SignInGate(guard, audit, time, log);
        _passwords = new CachedPasswordVerifier(passwords, limits, time);
    }

    /// <summary>SCRAM keys for unknown logins. Every server needs its own persistent secret; without one they last only as long as the process.</summary>
    public ScramDecoys Decoys { get; init; } = new(RandomNumberGenerator.GetBytes(ScramDecoys.SecretLength), iterations: 10_000);

    /// <summary>Called when an app password is used, at most once an hour for each.</summary>
    public Func<AppPassword, ValueTask> AppPasswordUsed { get; init; } = static _ => ValueTask.CompletedTask;

    /// <summary>Stores a stronger hash of an unchanged password; false if the password was changed meanwhile.</summary>
    public Func<AccountCredentials, string, ValueTask<bool>> ReplaceHash { get; init; } = static (_, _) => ValueTask.FromResult(false);

    /// <summary>Answers a protocol session. The credentials in <paramref name="request"/> are the only factor.</summary>
    /// <param name="request">The request.</param>
    /// <param name="peer">The client's address.</param>
    /// <param name="scope">The requested scope.</param>
    public async ValueTask<AuthenticationReply> AnswerAsync(AuthenticationRequest request, IPAddress peer, AccessScope scope) => request switch
    {
        AuthenticationRequest.CheckPassword check => ReplyOf(await SignInAsync(check, peer, scope, static (_, right) => ValueTask.FromResult<SignInResult>(right))),
        AuthenticationRequest.FindScramKeys find => await FindKeysAsync(LoginName.Of(find.Login), peer, scope),
        AuthenticationRequest.ReportScramResult report => ReplyOf(await ConcludeScramAsync(report, peer, scope)),
        _ => throw new InvalidOperationException($"unknown request {request}"),
    };

    /// <summary>
    /// Checks a password and, if it is correct, runs <paramref name="further"/>; the attempt is counted after that. A wrong password never reaches
    /// <paramref name="further"/>.
    /// </summary>
    public ValueTask<SignInResult> SignInAsync(
        AuthenticationRequest.CheckPassword check, IPAddress peer, AccessScope scope, Func<AccountCredentials, SignInResult.Success, ValueTask<SignInResult>> further)
    {
        ArgumentNullException.ThrowIfNull(check);
        ArgumentNullException.ThrowIfNull(further);
        var login = LoginName.Of(check.Login);
        var mayAct = string.IsNullOrEmpty(check.AuthorizeAs) || LoginName.Of(check.AuthorizeAs).Key == login.Key;
        var attempt = new SignInAttempt(login, peer, scope) { Secret = _gate.DigestOf(login, check.Password) };
        return _gate.TryAsync(attempt, async turn =>
        {
            var (proof, credentials) = await CheckPasswordAsync(attempt, check.Password, mayAct, turn);
            return proof is SignInResult.Success right ? await further(credentials!, right) : proof;
        });
    }

    /// <summary>Runs an attempt with a secret of its own, which is counted as a sign-in is.</summary>
    internal ValueTask<SignInResult> TryAsync(SignInAttempt attempt, Func<ValueTask<SignInResult>> prove) => _gate.TryAsync(attempt, async _ => await prove());

    private static AuthenticationReply ReplyOf(SignInResult proof) => proof switch
    {
        SignInResult.Success right => new AuthenticationReply.Accepted(right.Account) { Credential = right.Stamp },
        SignInResult.Unavailable => new AuthenticationReply.Unavailable(),
        _ => new AuthenticationReply.Rejected(),
    };

    private async ValueTask<(SignInResult Proof, AccountCredentials? Credentials)> CheckPasswordAsync(SignInAttempt attempt, string password, bool mayAct, SignInPermit turn)
    {
        var (login, scope) = (attempt.Login, attempt.Scope);
        var found = mayAct ? await FindAsync(login) : null;
        if (found is { Account.Enabled: true })
        {
            if (FindAppPassword(found, password, scope) is { } app) return (await UseAppPasswordAsync(found.Account, app, attempt), found);
            if (MayUseOwnPassword(found, scope) && _passwords.IsRemembered(found, password)) return (OwnPassword(found) with { IsAudited = scope != AccessScope.Dav }, found);
        }

        // Unknown, disabled and wrong take the same time and give the same answer.
        var mayUpgrade = found is { Account.Enabled: true } && MayUseOwnPassword(found, scope);
        if (await _passwords.VerifyAsync(password, found, mayUpgrade, turn) is not { } comparison) return (turn.IsRefused ? new SignInResult.Refused() : new SignInResult.Unavailable(), null);
        // The comparison may have waited for seconds: use the account's current state.
        var now = mayAct ? await FindAsync(login) : null;
        if (!comparison.Matches || now is not { Account.Enabled: true } || now.OwnPasswordFingerprint != found?.OwnPasswordFingerprint || !MayUseOwnPassword(now, scope)) return (new SignInResult.Failure(), null);
        now = await UpgradeHashAsync(now, comparison.StrongerHash);
        _passwords.Remember(now, password);
        return (OwnPassword(now), now);
    }

    /// <summary>The password is right whether or not its new hash can be stored: the next sign-in tries again.</summary>
    private async ValueTask<AccountCredentials> UpgradeHashAsync(AccountCredentials credentials, string? hash)
    {
        if (hash is null) return credentials;
        try
        {
            if (!await ReplaceHash(credentials, hash)) return credentials;
            LogHashReplaced(credentials.Account.Address);
            return credentials with { PasswordHash = hash };
        }
        catch (Exception e) when (SignInGate.IsUnavailable(e))
        {
            LogHashKept(credentials.Account.Address, e);
            return credentials;
        }
    }

    private static SignInResult.Success OwnPassword(AccountCredentials credentials) => new(credentials.Account, credentials.OwnPasswordFingerprint);

    private static bool MayUseOwnPassword(AccountCredentials credentials, AccessScope scope) => !credentials.AppPasswordsOnly || scope == AccessScope.Web;

    private static AppPassword? FindAppPassword(AccountCredentials credentials, string password, AccessScope scope)
    {
        if (credentials.AppPasswords.Count == 0 || AppPasswordSecret.DigestOf(password) is not { } digest) return null;
        return credentials.AppPasswords.FirstOrDefault(p => CryptographicOperations.FixedTimeEquals(p.Digest.Span, digest) && p.Scope.HasFlag(scope));
    }

    private async ValueTask<SignInResult> UseAppPasswordAsync(Account account, AppPassword password, SignInAttempt attempt)
    {
        if (password.HasExpiredAt(_time.GetUtcNow())) return new SignInResult.Failure(SignInResult.Failure.Expired);
        if (!password.Validity.Allows(attempt.Peer)) return new SignInResult.Failure(SignInResult.Failure.Network);
        var isNews = password.LastUsedAt is not { } last || StoredTime.IsOlder(last, _time.GetUtcNow(), NoteUseEvery);
        if (isNews) await AppPasswordUsed(password);
        return new SignInResult.Success(account, CredentialFingerprint.Of(password)) { IsAudited = isNews || attempt.Scope != AccessScope.Dav, Method = $"app password {password.Name}" };
    }

    /// <summary>
    /// Returns keys even when the sign-in is not allowed, and always the account's own if it exists: a salt that changed with a ban would reveal the ban.
    /// </summary>
    private async ValueTask<AuthenticationReply> FindKeysAsync(LoginName login, IPAddress peer, AccessScope scope)
    {
        try
        {
            var credentials = await FindAsync(login);
            var decoy = Decoys.Of(login);
            if (credentials?.Scram is not { } keys) return new AuthenticationReply.ScramKeysFound(decoy, null);
            var mayProve = credentials.Account.Enabled && MayUseOwnPassword(credentials, scope) && !_gate.Refuses(peer, login);
            return new AuthenticationReply.ScramKeysFound(keys, mayProve ? credentials.Account : null);
        }
        catch (Exception e) when (SignInGate.IsUnavailable(e))
        {
            LogUnavailable(e);
            return new AuthenticationReply.Unavailable();
        }
    }

    /// <summary>The proof was made with the keys read earlier; account and password must still be the same.</summary>
    private ValueTask<SignInResult> ConcludeScramAsync(AuthenticationRequest.ReportScramResult report, IPAddress peer, AccessScope scope)
    {
        var login = LoginName.Of(report.Login);
        return _gate.TryAsync(new SignInAttempt(login, peer, scope), async _ =>
        {
            if (!report.Succeeded || await FindAsync(login) is not { Account.Enabled: true } credentials || !MayUseOwnPassword(credentials, scope)) return new SignInResult.Failure();
            var isSameKey = report.Keys is { } then && credentials.Scram is { } now && then.StoredKey.Span.SequenceEqual(now.StoredKey.Span);
            return isSameKey ? OwnPassword(credentials) : new SignInResult.Failure();
        });
    }

    private async ValueTask<AccountCredentials?> FindAsync(LoginName login) =>
        login.Address is { } address ? await _directory.FindLoginAsync(address, CancellationToken.None) : null;

    public void Dispose() => _passwords.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "The password hash of {Account} was recomputed at the configured cost")]
    private partial void LogHashReplaced(EmailAddress account);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The password hash of {Account} could not be replaced by one at the configured cost")]
    private partial void LogHashKept(EmailAddress account, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The directory is unavailable")]
    private partial void LogUnavailable(Exception exception);
}
