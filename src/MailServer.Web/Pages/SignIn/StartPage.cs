using MailServer.Domain.Addresses;
using MailServer.Web.Autoconfig;

namespace MailServer.Web.Pages.SignIn;

/// <summary>
/// The first page. Whoever is signed in gets to their own; on the HTTPS ports everybody else sees how to set up a mail program. It reveals which domains are hosted, as discovery
/// does, but not whether an account exists.
/// </summary>
internal static class StartPage
{
    public static IEnumerable<PageRoute> Routes() => [PageRoute.Get("/", PageAudience.Anyone, ShowAsync)];

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        if (request.SignedIn is not null) return new PageResult.SeeOther(request.MayAdminister ? "/admin" : "/me");
        if (!request.Listener.IsPublic) return new PageResult.SeeOther(SignInPage.LocationOf("", hasEnded: false));
        var typed = request.Query("email").Trim();
        var clients = request.Services.Clients;
        var address = EmailAddress.TryParse(typed, out var parsed) && await clients.IsHosted(parsed.Domain, request.Cancel) ? parsed : null;
        return PageResult.Render<StartView, StartModel>(
            address is null ? "Mail, calendars and contacts" : $"Set up {DisplayFormat.Address(address)}", new StartModel(clients, address, typed.Length > 0 && address is null ? typed : null));
    }
}

/// <summary>The first page for somebody who is not signed in.</summary>
/// <param name="Clients">The settings of the server.</param>
/// <param name="Address">The address to set up; null if none was given.</param>
/// <param name="Unknown">A text that is no address of a hosted domain; null if there is none.</param>
public sealed record StartModel(ClientSettings Clients, EmailAddress? Address, string? Unknown)
{
    /// <summary>The URL of the profile for Apple devices; null without an address.</summary>
    public string? ProfileUrl => Address is null ? null : DisplayFormat.Link($"{Clients.WebRoot}/setup/apple.mobileconfig", "email", Address.ToString());
}
