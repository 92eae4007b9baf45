using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages;

/// <summary>Which pages a kind of listener serves.</summary>
/// <param name="IsPublic">True for the HTTPS ports, which everybody can reach.</param>
/// <param name="HasAdministration">True if the pages for administrators are served.</param>
public sealed record PageListener(bool IsPublic, bool HasAdministration)
{
    /// <summary>The admin port: all pages.</summary>
    public static PageListener AdminPort { get; } = new(IsPublic: false, HasAdministration: true);

    /// <summary>Whether the pages of a route are served.</summary>
    public bool Serves(PageRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return HasAdministration || route.Audience != PageAudience.Administrators;
    }

    /// <summary>
    /// Whether a session may open the pages for administrators. On a public listener an administrator needs codes, and a session that proved one: a password alone is not
    /// sufficient there, wherever the session was started.
    /// </summary>
    public bool MayAdminister(PageSession? session, AccountCredentials? credentials) =>
        HasAdministration && credentials is { Account.IsAdmin: true } && (!IsPublic || (session is { HasSecondFactor: true } && credentials.Totp is not null));
}
