using System.Globalization;
using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Admin;

/// <summary>The banned addresses and networks, and the networks that are never banned.</summary>
internal static class BansPage
{
    private const string Path = "/admin/bans";
    private const int LongestReason = 200;
    private const int MostHours = 24 * 366;

    private static readonly ListOf<BanEntry> List = new(Path, static b => [b.Text, b.Reason])
    {
        Columns =
        [
            ListColumn.Text<BanEntry>("network", "Address or network", static b => b.Text),
            ListColumn.Value("since", "Since", static (BanEntry b) => b.Since),
            ListColumn.Value("until", "Until", static (BanEntry b) => b.Until ?? DateTimeOffset.MaxValue),
            ListColumn.Text<BanEntry>("why", "Why", static b => b.Reason),
        ],
        Filters = [ListFilter.Fixed<BanEntry>("by", "Made", new("hand", "by hand", static b => b.IsManual), new("server", "by the server", static b => !b.IsManual))],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<BansView, BansModel>("Bans", new BansModel(
            List.Read(request, [.. request.Services.Bans.List().Select(BanEntry.Of), .. request.Services.Bans.ListNetworks().Select(BanEntry.Of)]), request.Services.Bans.ListAllowed())))),
        PageRoute.Post("/admin/bans/add", PageAudience.Administrators, static request => Task.FromResult(Add(request)), Path).About("address"),
        PageRoute.Post("/admin/bans/remove", PageAudience.Administrators, static request => Task.FromResult(Remove(request)), Path),
        PageRoute.Post("/admin/bans/allow", PageAudience.Administrators, static request => Task.FromResult(Allow(request)), Path).WithPassword().About("address"),
        PageRoute.Post("/admin/bans/disallow", PageAudience.Administrators, static request => Task.FromResult(Disallow(request)), Path),
    ];

    private static PageResult Add(PageRequest request)
    {
        IPNetwork? network = null;
        TimeSpan? howLong = null;
        PageException.CheckAll(
            () =>
            {
                network = NetworkOf(request);
                if (network.Value.Contains(PeerOf(request)) || (NetworkText.IsOneClient(network.Value) && ClientNetwork.Of(network.Value.BaseAddress).Equals(ClientNetwork.Of(request.Peer))))
                    throw PageException.Invalid("That is your own address.", "address");
            },
            () => howLong = HowLong(request));
        var text = NetworkText.Describe(network!.Value);
        return request.Services.Bans.Add(network.Value, howLong, ReasonOf(request)) switch
        {
            BanChange.Changed => request.RedirectWithNotice($"{text} is banned {(howLong is { } time ? "for " + DisplayFormat.Span(time) : "until you remove the ban")}."),
            BanChange.Allowed => throw PageException.Invalid($"{text} is in a network that is never banned. Remove that network first.", "address"),
            BanChange.Full => throw Full(),
            _ => request.RedirectWithFault($"{text} is banned only until the server restarts: the ban could not be stored. See the warnings."),
        };
    }

    private static PageResult Remove(PageRequest request)
    {
        var network = NetworkOf(request, field: null);
        var text = NetworkText.Describe(network);
        return request.Services.Bans.Remove(network) switch
        {
            BanChange.Changed => request.RedirectWithNotice($"The ban of {text} is removed."),
            BanChange.NotStored => request.RedirectWithFault("The ban is removed only until the server restarts: the change could not be stored. See the warnings."),
            _ => throw PageException.Invalid($"{text} is not banned."),
        };
    }

    private static PageResult Allow(PageRequest request)
    {
        var network = NetworkOf(request);
        var text = NetworkText.Describe(network);
        return request.Services.Bans.Allow(network, ReasonOf(request)) switch
        {
            BanChange.Changed => request.RedirectWithNotice($"{text} is never banned. Bans within it are removed."),
            BanChange.Full => throw Full(),
            _ => request.RedirectWithFault($"{text} is never banned only until the server restarts: the change could not be stored. See the warnings."),
        };
    }

    private static PageResult Disallow(PageRequest request)
    {
        var network = NetworkOf(request, field: null);
        var text = NetworkText.Describe(network);
        return request.Services.Bans.Disallow(network) switch
        {
            BanChange.Changed => request.RedirectWithNotice($"{text} can be banned again."),
            BanChange.NotStored => request.RedirectWithFault($"{text} can be banned only until the server restarts: the change could not be stored. See the warnings."),
            _ => throw PageException.Invalid($"{text} is not on the list."),
        };
    }

    private static IPNetwork NetworkOf(PageRequest request, string? field = "address") => NetworkText.TryParse(request.Field("address").Trim(), out var network)
        ? network.Value
        : throw PageException.Invalid($"“{request.Field("address")}” is not {NetworkText.Allowed}, or is too wide.", field);

    private static IPAddress PeerOf(PageRequest request) => request.Peer.IsIPv4MappedToIPv6 ? request.Peer.MapToIPv4() : request.Peer;

    private static TimeSpan? HowLong(PageRequest request)
    {
        if (request.Field("hours") is not { Length: > 0 } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours is > 0 and <= MostHours
            ? TimeSpan.FromHours(hours)
            : throw PageException.Invalid($"Say 1 to {MostHours} hours, or nothing for a ban without end.", "hours");
    }

    private static string ReasonOf(PageRequest request)
    {
        var reason = request.Field("reason").Trim();
        return reason.Length <= LongestReason ? reason : reason[..LongestReason];
    }

    private static PageException Full() => PageException.Invalid("The list is full. Remove networks that are no longer needed.", "address");
}

/// <summary>The bans, and the networks that are never banned.</summary>
public sealed record BansModel(ListPage<BanEntry> Bans, IReadOnlyList<NetworkRule> Allowed);

/// <summary>A ban of an address or a network. <paramref name="Until"/> is null if it does not end.</summary>
public sealed record BanEntry(string Text, DateTimeOffset Since, DateTimeOffset? Until, string Reason, bool IsManual)
{
    public static BanEntry Of(Ban ban)
    {
        ArgumentNullException.ThrowIfNull(ban);
        return new BanEntry(ClientNetwork.Describe(ban.Address), ban.Since, End(ban.Until), ban.Reason, ban.IsManual);
    }

    public static BanEntry Of(NetworkRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new BanEntry(NetworkText.Describe(rule.Network), rule.Since, End(rule.Until), rule.Reason, IsManual: true);
    }

    private static DateTimeOffset? End(DateTimeOffset until) => until == DateTimeOffset.MaxValue ? null : until;
}
