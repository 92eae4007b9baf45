using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using OtpNet;

namespace MailServer.Actors.Authentication;

/// <summary>The result of a sign-in to the account page.</summary>
public abstract record PageSignInResult
{
    private PageSignInResult() { }

    /// <param name="Account">The account.</param>
    /// <param name="HasCode">True if a code was required and proved.</param>
    public sealed record Accepted(Account Account, bool HasCode) : PageSignInResult;

    /// <summary>The password is correct; a TOTP code is required.</summary>
    public sealed record CodeNeeded : PageSignInResult;

    public sealed record Rejected : PageSignInResult;

    public sealed record Unavailable : PageSignInResult;
}

/// <summary>
/// Sign-in to the account page with the account's own password and, if the account has a TOTP secret, a time-based code (RFC 6238). Each code is accepted
/// once.
/// </summary>
public sealed class PageAuthenticator(Authenticator authenticator, IDirectoryAdministration administration, TimeProvider time)
{
    // RFC 6238 §5.2: one step for clock skew and one for network delay.
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    /// <param name="login">The login as typed.</param>
    /// <param name="password">The password as typed.</param>
    /// <param name="code">The code as typed; null when none was entered.</param>
    /// <param name="peer">The browser's address.</param>
    /// <param name="cancel">Cancels the attempt before the code is checked.</param>
    public async Task<PageSignInResult> SignInAsync(string login, string password, string? code, IPAddress peer, CancellationToken cancel)
    {
        var hasCode = false;
        return await CheckAsync(login, password, peer, (credentials, right) =>
        {
            hasCode = credentials.Totp is not null;
            return CheckCodeAsync(credentials, right, code, cancel);
        }) switch
        {
            SignInResult.Success { Account: var account } => new PageSignInResult.Accepted(account, hasCode),
            SignInResult.Incomplete => new PageSignInResult.CodeNeeded(),
            SignInResult.Unavailable => new PageSignInResult.Unavailable(),
            _ => new PageSignInResult.Rejected(),
        };
    }

    /// <summary>
    /// Checks the password of a user who is already signed in. A wrong password counts as a failed sign-in; a correct one does not count as a sign-in and
    /// resets no failures.
    /// </summary>
    public async Task<PageSignInResult> ConfirmAsync(Account account, string password, IPAddress peer) =>
        await CheckAsync(account.Address.ToString(), password, peer, static (_, right) => ValueTask.FromResult<SignInResult>(new SignInResult.Incomplete(right.Account))) switch
        {
            SignInResult.Incomplete => new PageSignInResult.Accepted(account, HasCode: false),
            SignInResult.Unavailable => new PageSignInResult.Unavailable(),
            _ => new PageSignInResult.Rejected(),
        };

    /// <summary>Enables TOTP codes if <paramref name="code"/> proves that the app has <paramref name="key"/>. The code is then used up, as by a sign-in.</summary>
    public async Task<bool> EnableCodesAsync(Account account, byte[] key, string code, CancellationToken cancel)
    {
        if (!TryFindStep(key, code, out var step)) return false;
        await administration.SetTotpAsync(account.Address, key, cancel);
        await administration.UseTotpStepAsync(account.Id, step, cancel);
        return true;
    }

    /// <summary>Creates new recovery codes, which replace earlier ones. Null if one-time codes are not enabled.</summary>
    public async Task<IReadOnlyList<string>?> NewRecoveryCodesAsync(EmailAddress address, CancellationToken cancel)
    {
        var codes = RecoveryCodes.NewSet();
        return await administration.SetRecoveryCodesAsync(address, RecoveryCodes.DigestsOf(codes), cancel) ? codes : null;
    }

    /// <summary>
    /// Finds an invitation by the secret of its link; null if there is none, or if the address has tried too many. A guess counts as a failed sign-in; the link of an invitation that is
    /// used or expired does not.
    /// </summary>
    /// <exception cref="TimeoutException">It cannot be looked up now.</exception>
    public async Task<Invitation?> FindInvitationAsync(string secret, IPAddress peer, CancellationToken cancel)
    {
        if (InvitationSecret.DigestOf(secret) is not { } digest) return null;
        Invitation? found = null;
        // Each link has a counter of its own, so that guesses do not lock out the users of other links.
        var login = LoginName.Of("invitation " + Convert.ToHexStringLower(digest.AsSpan(0, 8)));
        var result = await authenticator.TryAsync(new SignInAttempt(login, peer, AccessScope.Web), async () =>
        {
            found = await administration.FindInvitationAsync(digest, cancel);
            return found is null ? new SignInResult.Failure(SignInResult.Failure.Invitation) : new SignInResult.Unavailable();
        });
        if (result is SignInResult.Unavailable && found is null) throw new TimeoutException("the invitation cannot be looked up now");
        return result is SignInResult.Unavailable ? found : null;
    }

    /// <summary>True when <paramref name="code"/> is currently valid for <paramref name="key"/>.</summary>
    public bool IsCodeOf(byte[] key, string code) => TryFindStep(key, code, out _);

    private ValueTask<SignInResult> CheckAsync(string login, string password, IPAddress peer, Func<AccountCredentials, SignInResult.Success, ValueTask<SignInResult>> further) =>
        authenticator.SignInAsync(new AuthenticationRequest.CheckPassword(login, null, password), peer, AccessScope.Web, further);

    private async ValueTask<SignInResult> CheckCodeAsync(AccountCredentials credentials, SignInResult.Success right, string? code, CancellationToken cancel)
    {
        if (credentials.Totp is not { } secret) return right;
        if (string.IsNullOrWhiteSpace(code)) return new SignInResult.Incomplete(right.Account);
        if (TryFindStep(secret.Key.ToArray(), code, out var step) && await administration.UseTotpStepAsync(credentials.Account.Id, step, cancel)) return right;
        return RecoveryCode.DigestOf(code) is { } digest && await administration.UseRecoveryCodeAsync(credentials.Account.Id, digest, cancel)
            ? right with { Method = "recovery code" }
            : new SignInResult.Failure(SignInResult.Failure.Code);
    }

    private bool TryFindStep(byte[] key, string code, out long step) =>
        new Totp(key).VerifyTotp(time.GetUtcNow().UtcDateTime, code.Replace(" ", "", StringComparison.Ordinal), out step, Window);
}
