using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Self;

/// <summary>Describes the scope of an app password.</summary>
public static class DeviceScopes
{
    public static string Describe(AccessScope scope) => string.Join(", ", new[]
    {
        scope.HasFlag(AccessScope.Mail) ? "reading" : "",
        scope.HasFlag(AccessScope.Submit) ? "sending" : "",
        scope.HasFlag(AccessScope.Dav) ? "calendars and contacts" : "",
    }.Where(static s => s.Length > 0));
}
