using System.Globalization;
using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Admin;

/// <summary>The banned addresses.</summary>
internal static class BansPage
{
    private const string Path = "/admin/bans";
    private const int LongestReason = 200;
    private const int MostHours = 24 * 366;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<BansView, Paged<Ban>>(
            "Bans", Paged.Of<Ban>(request.Services.Bans.List(), request.PageNumber)))),
        PageRoute.Post("/admin/bans/add", PageAudience.Administrators, static request => Task.FromResult(Add(request)), Path).About("address"),
        PageRoute.Post("/admin/bans/remove", PageAudience.Administrators, static request => Task.FromResult(Remove(request)), Path),
    ];

    private static PageResult Add(PageRequest request)
    {
        if (!IPAddress.TryParse(request.Field("address").Trim(), out var address)) throw PageException.Invalid($"“{request.Field("address")}” is not an IP address.", "address");
        if (ClientNetwork.Of(address).Equals(ClientNetwork.Of(request.Peer))) throw PageException.Invalid("That is your own address.", "address");
        TimeSpan? howLong = null;
        if (request.Field("hours") is { Length: > 0 } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || hours is 0 or > MostHours) throw PageException.Invalid($"Say 1 to {MostHours} hours, or nothing for a ban without end.", "hours");
            howLong = TimeSpan.FromHours(hours);
        }

        var reason = request.Field("reason").Trim();
        return request.Services.Bans.Add(address, howLong, reason.Length <= LongestReason ? reason : reason[..LongestReason], byHand: true) == BanChange.Changed
            ? request.RedirectWithNotice($"{address} is banned {(howLong is { } time ? "for " + DisplayFormat.Span(time) : "until you remove the ban")}.")
            : request.RedirectWithFault($"{address} is banned only until the server restarts: the ban could not be stored. See the warnings.");
    }

    private static PageResult Remove(PageRequest request)
    {
        if (!IPAddress.TryParse(request.Field("address"), out var address)) throw PageException.Invalid($"“{request.Field("address")}” is not an IP address.");
        return request.Services.Bans.Remove(address) switch
        {
            BanChange.Changed => request.RedirectWithNotice($"The ban of {ClientNetwork.Describe(ClientNetwork.Of(address))} is removed."),
            BanChange.NotStored => request.RedirectWithFault("The ban is removed only until the server restarts: the change could not be stored. See the warnings."),
            _ => throw PageException.Invalid($"{address} is not banned."),
        };
    }
}
