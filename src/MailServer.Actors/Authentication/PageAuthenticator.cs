using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using OtpNet;

namespace MailServer.Actors.Authentication;

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
public sealed class PageAuthenticator(Authenticator authenticator, IDirectoryAdministration administration, TimeProvider time)
{
    // RFC 6238 §5.2: one step for the clock and one for the network.
    private static readonly VerificationWindow s_window = new(previous: 1, future: 1);

    /// <param name="login">As typed.</param>
    /// <param name="password">As typed.</param>
    /// <param name="code">Null: none was typed yet.</param>
    /// <param name="peer">Where the browser is.</param>
    /// <param name="cancel">Ends the attempt before its code is looked at.</param>
    public async Task<PageSignIn> SignInAsync(string login, string password, string? code, IPAddress peer, CancellationToken cancel) =>
        await CheckAsync(login, password, peer, (credentials, right) => CheckCodeAsync(credentials, right, code, cancel)) switch
        {
            SignInProof.Right { Account: var account } => new PageSignIn.Accepted(account),
            SignInProof.Incomplete => new PageSignIn.CodeNeeded(),
            SignInProof.Undecided => new PageSignIn.Unavailable(),
            _ => new PageSignIn.Rejected(),
        };

    /// <summary>
    /// Whether whoever sits at a browser that is signed in knows the password. A wrong one counts like a failed sign-in; a right one is no sign-in
    /// and forgives nothing.
    /// </summary>
    public async Task<PageSignIn> ConfirmAsync(Account account, string password, IPAddress peer) =>
        await CheckAsync(account.Address.ToString(), password, peer, static (_, right) => ValueTask.FromResult<SignInProof>(new SignInProof.Incomplete(right.Account))) switch
        {
            SignInProof.Incomplete => new PageSignIn.Accepted(account),
            SignInProof.Undecided => new PageSignIn.Unavailable(),
            _ => new PageSignIn.Rejected(),
        };

    /// <summary>Turns codes on if <paramref name="code"/> proves that the app has <paramref name="key"/>. It is used up by this, as by a sign-in.</summary>
    public async Task<bool> EnableCodesAsync(Account account, byte[] key, string code, CancellationToken cancel)
    {
        if (!TryFindStep(key, code, out var step)) return false;
        await administration.SetTotpAsync(account.Address, key, cancel);
        await administration.UseTotpStepAsync(account.Id, step, cancel);
        return true;
    }

    /// <summary>Whether <paramref name="code"/> is one of <paramref name="key"/> now.</summary>
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
