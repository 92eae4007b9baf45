using MailServer.Web.Autoconfig;

namespace MailServer.Web.Pages.Self;

/// <summary>Instructions for setting up a device.</summary>
internal static class DeviceSetupPage
{
    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/me/setup", PageAudience.SignedIn, static request => Task.FromResult(PageResult.Render<SetupView, SetupModel>(
            "Set up a device", new SetupModel(request.Services.Clients, request.Account.Address.ToString())))),
        PageRoute.Get("/me/setup/apple.mobileconfig", PageAudience.SignedIn, static request => Task.FromResult<PageResult>(new PageResult.Download(
            "application/x-apple-aspen-config", "mail.mobileconfig", request.Services.Clients.Sign(AppleProfile.Write(request.Services.Clients, request.Account.Address))))),
    ];
}

/// <summary>The settings for a device.</summary>
public sealed record SetupModel(ClientSettings Clients, string Address)
{
    /// <summary>The URL of the profile on the HTTPS port, which a phone can reach.</summary>
    public string ProfileUrl => DisplayFormat.Link($"{Clients.WebRoot}/setup/apple.mobileconfig", "email", Address);
}
