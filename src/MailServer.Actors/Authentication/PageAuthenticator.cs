using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using OtpNet;

namespace MailServer.Actors.Authentication;

/// <summary>The result of a sign-in to the account page.</summary>
public abstract record PageSignIn
{
    private PageSignIn() { }

    public sealed record Accepted(Account Account) : PageSignIn;

    /// <summary>The password is correct; a TOTP code is required.</summary>
    public sealed record CodeNeeded : PageSignIn;

    public sealed record Rejected : PageSignIn;

    public sealed record Unavailable : PageSignIn;
}

/// <summary>
/// Sign-in to the account page with the account's own password and, if the account has a TOTP secret, a time-based code (RFC 6238). Each code is accepted
/// once.
/// </summary>
public sealed class PageAuthenticator(Authenticator authenticator, IDirectoryAdministration administration, TimeProvider time)
{
    // RFC 6238 §5.2: one step for clock skew and one for network delay.
    private static readonly VerificationWindow s_window = new(previous: 1, future: 1);

    /// <param name="login">The login as typed.</param>
    /// <param name="password">The password as typed.</param>
    /// <param name="code">The code as typed; null when none was entered.</param>
    /// <param name="peer">The browser's address.</param>
    /// <param name="cancel">Cancels the attempt before the code is checked.</param>
    public async Task<PageSignIn> SignInAsync(string login, string password, string? code, IPAddress peer, CancellationToken cancel) =>
        await CheckAsync(login, password, peer, (credentials, right) => CheckCodeAsync(credentials, right, code, cancel)) switch
        {
            SignInProof.Right { Account: var account } => new PageSignIn.Accepted(account),
            SignInProof.Incomplete => new PageSignIn.CodeNeeded(),
            SignInProof.Undecided => new PageSignIn.Unavailable(),
            _ => new PageSignIn.Rejected(),
        };

    /// <summary>
    /// Checks the password of a user who is already signed in. A wrong password counts as a failed sign-in; a correct one does not count as a sign-in and
    /// resets no failures.
    /// </summary>
    public async Task<PageSignIn> ConfirmAsync(Account account, string password, IPAddress peer) =>
        await CheckAsync(account.Address.ToString(), password, peer, static (_, right) => ValueTask.FromResult<SignInProof>(new SignInProof.Incomplete(right.Account))) switch
        {
            SignInProof.Incomplete => new PageSignIn.Accepted(account),
            SignInProof.Undecided => new PageSignIn.Unavailable(),
            _ => new PageSignIn.Rejected(),
        };

    /// <summary>Enables TOTP codes if <paramref name="code"/> proves that the app has <paramref name="key"/>. The code is then used up, as by a sign-in.</summary>
    public async Task<bool> EnableCodesAsync(Account account, byte[] key, string code, CancellationToken cancel)
    {
        if (!TryFindStep(key, code, out var step)) return false;
        await administration.SetTotpAsync(account.Address, key, cancel);
        await administration.UseTotpStepAsync(account.Id, step, cancel);
        return true;
    }

    /// <summary>True when <paramref name="code"/> is currently valid for <paramref name="key"/>.</summary>
    public bool IsCodeOf(byte[] key, string code) => TryFindStep(key, code, out _);

    private ValueTask<SignInProof> CheckAsync(string login, string password, IPAddress peer, Func<AccountCredentials, SignInProof.Right, ValueTask<SignInProof>> further) =>
        authenticator.SignInAsync(new AuthenticationRequest.CheckPassword(login, null, password), peer, AccessScope.Web, further);

    private async ValueTask<SignInProof> CheckCodeAsync(AccountCredentials credentials, SignInProof.Right right, string? code, CancellationToken cancel)
    {
        if (credentials.Totp is not { } secret) return right;
        if (string.IsNullOrWhiteSpace(code)) return new SignInProof.Incomplete(right.Account);
        return TryFindStep(secret.Key.ToArray(), code, out var step) && await administration.UseTotpStepAsync(credentials.Account.Id, step, cancel)
            ? right
            : new SignInProof.Wrong(SignInProof.Wrong.Code);
    }

    private bool TryFindStep(byte[] key, string code, out long step) =>
        new Totp(key).VerifyTotp(time.GetUtcNow().UtcDateTime, code.Replace(" ", "", StringComparison.Ordinal), out step, s_window);
}
