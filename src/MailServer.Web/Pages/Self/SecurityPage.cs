using System.Security.Cryptography;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using OtpNet;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's password and the TOTP codes of an authenticator app (RFC 6238).</summary>
internal static class SecurityPage
{
    private const string Path = "/me/security";
    private const int KeyOctets = 20; // RFC 4226 §4: at least 128 bits, 160 recommended

    public static IEnumerable<PageRoute> Routes(PageSessions sessions) =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, static request => Task.FromResult(Show(request))),
        PageRoute.Post("/me/security/password", PageAudience.SignedIn, request => SetPasswordAsync(request, sessions), Path).WithPassword(),
        PageRoute.Post("/me/security/codes/begin", PageAudience.SignedIn, static request => Task.FromResult<PageResult>(BeginCodes(request)), Path),
        PageRoute.Post("/me/security/codes/confirm", PageAudience.SignedIn, request => ConfirmCodesAsync(request, sessions), Path).WithPassword(),
        PageRoute.Post("/me/security/codes/recovery", PageAudience.SignedIn, NewRecoveryCodesAsync, Path).WithPassword(),
        PageRoute.Post("/me/security/codes/end", PageAudience.SignedIn, EndCodesAsync, Path).WithPassword(),
    ];

    /// <summary>Validates a new password. Without a valid address nothing is said about it.</summary>
    public static void Check(string password, EmailAddress? login)
    {
        if (login is not null && PasswordRule.FindFault(password, login) is { } weakness) throw PageException.Invalid($"This password {weakness}. Choose another one.", "new");
    }

    /// <summary>Validates and hashes a new password of an account.</summary>
    public static async Task<StoredPassword> HashAsync(PageRequest request, string password, EmailAddress login)
    {
        Check(password, login);
        return await Task.Run(() => request.Services.Hash(password)) ?? throw PageException.Invalid("This password cannot be used: it is too long, or has control characters.", "new");
    }

    private static PageResult Show(PageRequest request)
    {
        var secret = request.Session.NewTotpKey is { } key ? Base32Encoding.ToString(key) : null;
        var uri = secret is null ? null : new OtpUri(OtpType.Totp, secret, request.Account.Address.ToString(), request.Services.Hostname).ToString();
        return PageResult.Render<SecurityView, SecurityModel>("Password and codes", new SecurityModel(request.Credentials!.Totp is not null, request.Credentials.RecoveryCodes, secret, uri), hasSecret: secret is not null);
    }

    private static async Task<PageResult> SetPasswordAsync(PageRequest request, PageSessions sessions)
    {
        var password = request.Field("new");
        if (password != request.Field("again")) throw PageException.Invalid("The new password and its repetition differ.", "again");
        var stored = await HashAsync(request, password, request.Account.Address);
        await request.Services.Administration.SetPasswordAsync(request.Account.Address, stored, request.Cancel);
        // Keeps this session; all others end because the password changed.
        request.Session.Password = CredentialFingerprint.Of(stored.Hash, stored.Scram);
        sessions.Update(request.Cookie, request.Session);
        return request.RedirectWithNotice("The password is changed. Every other browser is signed out.");
    }

    private static PageResult.SeeOther BeginCodes(PageRequest request)
    {
        CheckMayBegin(request);
        request.Session.NewTotpKey = RandomNumberGenerator.GetBytes(KeyOctets);
        return new PageResult.SeeOther(Path);
    }

    private static async Task<PageResult> ConfirmCodesAsync(PageRequest request, PageSessions sessions)
    {
        CheckMayBegin(request);
        if (request.Session.NewTotpKey is not { } key) throw PageException.Invalid("Begin again.", "code");
        if (!await request.Services.SignIn.EnableCodesAsync(request.Account, key, request.Field("code"), request.Cancel))
            throw PageException.Invalid("That is not the code of the app. Is its clock right?", "code");
        request.Session.NewTotpKey = null;
        request.Session.HasSecondFactor = true;
        sessions.Update(request.Cookie, request.Session);
        return await NewRecoveryCodesAsync(request);
    }

    private static async Task<PageResult> NewRecoveryCodesAsync(PageRequest request) =>
        await request.Services.SignIn.NewRecoveryCodesAsync(request.Account.Address, request.Cancel) is { } codes
            ? PageResult.Render<RecoveryCodesView, RecoveryCodesModel>("Recovery codes", new RecoveryCodesModel(codes), hasSecret: true)
            : throw PageException.Invalid("Turn on codes first.");

    /// <summary>Where codes open the pages for administrators, somebody who only knows a password must not get there by turning them on.</summary>
    private static void CheckMayBegin(PageRequest request)
    {
        if (request.Account.IsAdmin && request.Listener is { IsPublic: true, HasAdministration: true } && !request.MayAdminister)
            throw new PageException(403, "Administrators turn codes on at the admin port, or with “mailserver user totp enable”.");
    }

    private static async Task<PageResult> EndCodesAsync(PageRequest request)
    {
        return await request.Services.Administration.SetTotpAsync(request.Account.Address, null, request.Cancel)
            ? request.RedirectWithNotice("You sign in to this page without a code from now on.")
            : request.RedirectUnchanged("codes are off already");
    }
}

/// <summary>New recovery codes, which are shown only once.</summary>
public sealed record RecoveryCodesModel(IReadOnlyList<string> Codes)
{
    public override string ToString() => nameof(RecoveryCodesModel);
}

/// <summary>The security settings of an account, with the number of recovery codes left; a new TOTP secret that is not confirmed yet, and its URI for authenticator apps.</summary>
public sealed record SecurityModel(bool HasTotp, int RecoveryCodes, string? NewSecret, string? Uri)
{
    public override string ToString() => nameof(SecurityModel);
}
