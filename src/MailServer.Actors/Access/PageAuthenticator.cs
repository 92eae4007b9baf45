using System.Net;
using MailServer.Actors.Authentication;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using OtpNet;

namespace MailServer.Actors.Access;

/// <summary>What came of a sign-in to the account's page.</summary>
public abstract record PageSignIn
{
    private PageSignIn() { }

    public sealed record Accepted(Account Account) : PageSignIn;

    /// <summary>The password is right, and a code is asked for.</summary>
    public sealed record CodeNeeded : PageSignIn;

    public sealed record Rejected : PageSignIn;

    public sealed record Unavailable : PageSignIn;
}

/// <summary>Sign-in to the account's page: the own password, and a time-based code (RFC 6238) where the account has a secret for it. A code is good once.</summary>
public sealed class PageAuthenticator(Authenticator authenticator, IDirectory directory, IDirectoryAdministration administration, TimeProvider time)
{
    // RFC 6238 §5.2: one step for the clock and one for the network.
    private static readonly VerificationWindow s_window = new(previous: 1, future: 1);

    public async Task<PageSignIn> SignInAsync(string login, string password, string? code, IPAddress peer, CancellationToken cancel)
    {
        switch (await authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword(login, null, password), peer, AccessScope.Web))
        {
            case AuthenticationReply.Accepted { Account: var account }:
                return await CheckCodeAsync(account, code, peer, cancel);
            case AuthenticationReply.Unavailable:
                return new PageSignIn.Unavailable();
            default:
                return new PageSignIn.Rejected();
        }
    }

    /// <summary>Whether <paramref name="code"/> is one of <paramref name="key"/> now: proves at set-up that the device has it. It is not used up.</summary>
    public bool IsCodeOf(byte[] key, string code) => TryFindStep(key, code, out _);

    private async Task<PageSignIn> CheckCodeAsync(Account account, string? code, IPAddress peer, CancellationToken cancel)
    {
        var credentials = await directory.FindLoginAsync(account.Address, cancel);
        if (credentials is null) return new PageSignIn.Rejected();
        if (credentials.Totp is not { } secret) return new PageSignIn.Accepted(account);
        if (string.IsNullOrWhiteSpace(code)) return new PageSignIn.CodeNeeded();
        if (TryFindStep(secret.Key.ToArray(), code, out var step) && await administration.UseTotpStepAsync(account.Id, step, cancel))
            return new PageSignIn.Accepted(account);
        var delay = authenticator.Guard.Failed(peer, account.Address.ToString());
        authenticator.Audit.Note(new AuditEvent(time.GetUtcNow(), "sign-in.wrong-code", account.Address.ToString(), "web", peer, ""));
        if (delay > TimeSpan.Zero) await Task.Delay(delay, time, cancel);
        return new PageSignIn.Rejected();
    }

    private bool TryFindStep(byte[] key, string code, out long step) =>
        new Totp(key).VerifyTotp(time.GetUtcNow().UtcDateTime, code.Replace(" ", "", StringComparison.Ordinal), out step, s_window);
}
