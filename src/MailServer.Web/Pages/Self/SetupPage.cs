using MailServer.Web.Autoconfig;

namespace MailServer.Web.Pages.Self;

/// <summary>How devices are set up.</summary>
internal static class SetupPage
{
    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/me/setup", PageAudience.SignedIn, static request => Task.FromResult(PageAnswer.Show<SetupView, SetupModel>(
            "Set up a device", new SetupModel(request.Services.Clients, request.Account.Address.ToString())))),
        PageRoute.Get("/me/setup/apple.mobileconfig", PageAudience.SignedIn, static request => Task.FromResult<PageAnswer>(new PageAnswer.Download(
            "application/x-apple-aspen-config", "mail.mobileconfig", request.Services.Clients.Sign(AppleProfile.Write(request.Services.Clients, request.Account.Address))))),
    ];
}

/// <summary>What a device must know.</summary>
public sealed record SetupModel(ClientSettings Clients, string Address)
{
    /// <summary>On the DAV port, where a phone gets it.</summary>
    public string ProfileUrl => Words.Link($"{Clients.WebRoot}/setup/apple.mobileconfig", "email", Address);
}
