using System.Net;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Measurements;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Access;

/// <summary>
/// The single entry point for sign-ins of all protocols and mechanisms. <see cref="TryAsync"/> consults the guard, waits until the attempt may start, runs
/// it, and then counts, logs, audits and measures it exactly once, after its last factor.
/// </summary>
/// <param name="guard">Limits attempts.</param>
/// <param name="audit">Receives every outcome.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Receives failed and refused attempts.</param>
public sealed partial class SignInGate(LoginGuard guard, IAuditLog audit, TimeProvider time, ILogger log)
{
    /// <param name="attempt">Login, client address and scope.</param>
    /// <param name="prove">Checks all factors. It must check <see cref="SignInPermit.IsRefused"/> after each of its own waits.</param>
    public async ValueTask<SignInResult> TryAsync(SignInAttempt attempt, Func<SignInPermit, ValueTask<SignInResult>> prove)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentNullException.ThrowIfNull(prove);
        TimeSpan delay;
        SignInResult proof;
        try
        {
            using var turn = await guard.EnterAsync(attempt.Peer, attempt.Login);
            if (turn is null) return Refuse(attempt);
            proof = await prove(turn);
            delay = Conclude(attempt, turn, proof);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            LogUnavailable(e);
            return new SignInResult.Unavailable();
        }
        catch (TooManySignInsException)
        {
            return new SignInResult.Unavailable();
        }

        // The permit has been returned, so other attempts need not wait for this delay.
        if (delay > TimeSpan.Zero) await Task.Delay(delay, time);
        return proof;
    }

    /// <summary>A digest of a login and a secret, to recognise attempts that repeat earlier ones.</summary>
    public ulong DigestOf(LoginName login, string secret) => guard.DigestOf(login, secret);

    /// <summary>True when an attempt now would be refused.</summary>
    public bool Refuses(IPAddress peer, LoginName login) => guard.Refuses(peer, login);

    /// <summary>True for a failure of the directory, as opposed to a bug.</summary>
    internal static bool IsUnavailable(Exception e) => e is System.Data.Common.DbException or IOException or DirectoryException;

    /// <summary>The name in the log. A client may leave it out.</summary>
    private static string NameOf(SignInAttempt attempt) => attempt.Login.Original.Trim() is { Length: > 0 } name ? name : "(no name)";

    private TimeSpan Conclude(SignInAttempt attempt, SignInPermit turn, SignInResult proof)
    {
        switch (proof)
        {
            case SignInResult.Success right:
                turn.Succeed();
                if (right.IsAudited) Note(attempt, "ok", "sign-in.ok", right.Account.Address.ToString(), right.Method);
                return TimeSpan.Zero;
            case SignInResult.Failure wrong:
                var name = NameOf(attempt);
                LogRejected(name, attempt.Peer);
                Note(attempt, "failed", wrong.Kind, attempt.Login.Original, "");
                // With the right password another code is another guess.
                return turn.Fail(wrong.Kind == SignInResult.Failure.Code ? null : attempt.Secret);
            case SignInResult.Refused:
                Refuse(attempt);
                return TimeSpan.Zero;
            default:
                return TimeSpan.Zero;
        }
    }

    private SignInResult.Refused Refuse(SignInAttempt attempt)
    {
        var name = NameOf(attempt);
        LogRefused(name, attempt.Peer);
        return new SignInResult.Refused();
    }

    private void Note(SignInAttempt attempt, string result, string kind, string account, string how)
    {
        var scope = NameOf(attempt.Scope);
        ServerMetrics.SignIns.Add(1, new KeyValuePair<string, object?>("scope", scope), new KeyValuePair<string, object?>("result", result));
        audit.Note(new AuditEvent(time.GetUtcNow(), kind, account, scope, attempt.Peer, how));
    }

    private static string NameOf(AccessScope scope) => scope switch
    {
        AccessScope.Mail => "mail",
        AccessScope.Submit => "submit",
        AccessScope.Dav => "dav",
        _ => "web",
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sign-in as {Login} from {Peer} failed")]
    private partial void LogRejected(string login, IPAddress peer);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sign-in as {Login} from {Peer} was refused: too many attempts have failed")]
    private partial void LogRefused(string login, IPAddress peer);

    [LoggerMessage(Level = LogLevel.Error, Message = "The directory is unavailable")]
    private partial void LogUnavailable(Exception exception);
}
