using System.Globalization;
using System.Security.Cryptography;
using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's devices with their app passwords.</summary>
internal static class DevicesPage
{
    private const string Path = "/me/devices";
    private const int LongestName = 60;
    private const int SecretOctets = 16;

    /// <summary>The choices for the validity, in days.</summary>
    private static readonly string[] Days = ["1", "7", "30", "90", "365"];

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, static request => Task.FromResult(Show(request))),
        PageRoute.Post("/me/devices/add", PageAudience.SignedIn, AddAsync, Path).WithPassword().About("name"),
        PageRoute.Post("/me/devices/remove", PageAudience.SignedIn, RemoveAsync, Path)
            .Confirmed("Revoke", ["name"], static r => $"Revoke the password of “{r.Key("name")}”?", static _ => "The device can no longer sign in until it is set up again with a new password."),
        PageRoute.Post("/me/devices/require", PageAudience.SignedIn, RequireAsync, Path).WithPassword().Confirmed(
            "Confirm", ["only"],
            static r => r.Key("only") == "yes" ? "Require device passwords?" : "Allow the account password for everything?",
            static r => r.Key("only") == "yes" ? "Devices that use your account password must be set up again." : "Mail clients and calendars can then sign in with your account password too."),
    ];

    private static PageResult Show(PageRequest request) => PageResult.Render<DevicesView, DevicesModel>(
        "Devices", new DevicesModel(request.Credentials!.AppPasswords, request.Credentials.AppPasswordsOnly));

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        var name = request.Field("name").Trim();
        var scope = AccessScope.None;
        foreach (var part in request.Fields("scope")) scope |= AccessScopes.TryParse(part, out var one) ? one : AccessScope.None;
        var limits = AppPasswordLimits.None;
        PageException.CheckAll(
            () =>
            {
                if (name.Length is 0 or > LongestName || name.Any(char.IsControl)) throw PageException.Invalid($"Give the device a name of at most {LongestName} letters.", "name");
            },
            () =>
            {
                if (scope == AccessScope.None) throw PageException.Invalid("Choose what the device may use.", "scope");
            },
            () => limits = LimitsOf(request));
        var secret = AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(SecretOctets));
        await request.Services.Administration.AddAppPasswordAsync(request.Account.Address, name, scope, AppPasswordSecret.DigestOf(secret)!, limits, request.Cancel);
        return PageResult.Render<NewDeviceView, NewDeviceModel>("A password for your device", new NewDeviceModel(name, request.Account.Address.ToString(), secret), hasSecret: true);
    }

    private static AppPasswordLimits LimitsOf(PageRequest request)
    {
        var days = request.Field("days");
        if (days.Length > 0 && !Days.Contains(days, StringComparer.Ordinal)) throw PageException.Invalid("Choose when the password expires.", "days");
        if (!AppPasswordLimits.TryParseNetworks(request.Field("networks"), out var networks))
            throw PageException.Invalid("Write addresses or networks such as 192.0.2.7 or 2001:db8::/32, with commas between them.", "networks");
        return new AppPasswordLimits(days.Length == 0 ? null : request.Services.Time.GetUtcNow().AddDays(int.Parse(days, CultureInfo.InvariantCulture)), networks);
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var name = request.Field("name");
        await request.Services.Administration.RemoveAppPasswordAsync(request.Account.Address, name, request.Cancel);
        return request.RedirectWithNotice($"“{name}” can no longer sign in; connections that it opened end within seconds.");
    }

    private static async Task<PageResult> RequireAsync(PageRequest request)
    {
        var only = request.Field("only") == "yes";
        if (!await request.Services.Administration.SetAppPasswordsOnlyAsync(request.Account.Address, only, request.Cancel))
            return request.RedirectUnchanged(only ? "device passwords are required already" : "device passwords are not required");
        return request.RedirectWithNotice(only ? "Mail, calendars and contacts now require device passwords. Your account password opens only this page." : "Your account password works for mail, calendars and contacts again.");
    }
}

/// <summary>The devices of an account.</summary>
public sealed record DevicesModel(IReadOnlyList<AppPassword> Devices, bool AppPasswordsOnly);

/// <summary>A new device with its password, which is shown only once.</summary>
public sealed record NewDeviceModel(string Name, string Address, string Secret)
{
    public override string ToString() => $"NewDeviceModel {{ Name = {Name} }}";
}
