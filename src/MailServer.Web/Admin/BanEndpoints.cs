using System.Globalization;
using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Ban endpoints: <c>GET bans</c>, <c>PUT bans/{network}?seconds=&amp;reason=</c>, <c>DELETE bans/{network}</c>; <c>GET allowed</c>, <c>PUT</c> and <c>DELETE allowed/{network}</c> for the
/// networks that are never banned. A network is an address, or an address with a prefix length.
/// </summary>
internal static class BanEndpoints
{
    private const int LongestReason = 200;

    public static void MapBans(this IEndpointRouteBuilder admin, RuntimeServices live)
    {
        admin.MapGet("bans", context => RuntimeEndpoints.WriteAsync(context, new BanListDocument([.. live.Bans.List().Select(Describe).Concat(live.Bans.ListNetworks().Select(Describe))])));
        admin.MapPut("bans/{**network}", context => AddAsync(context, live));
        admin.MapDelete("bans/{**network}", context => AnswerAsync(context, Network(context) is { } network ? live.Bans.Remove(network) : BanChange.NotBanned, "the ban is removed"));
        admin.MapGet("allowed", context => RuntimeEndpoints.WriteAsync(context, new AllowedListDocument(
            [.. live.Bans.ListAllowed().Select(static r => new AllowedDocument(NetworkText.Describe(r.Network), r.Since, r.Reason))])));
        admin.MapPut("allowed/{**network}", context => Network(context) is { } network
            ? AnswerAsync(context, live.Bans.Allow(network, Reason(context)), "the network is allowed")
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{RuntimeEndpoints.Route(context, "network")}' is not {NetworkText.Allowed}"));
        admin.MapDelete("allowed/{**network}", context => AnswerAsync(context, Network(context) is { } network ? live.Bans.Disallow(network) : BanChange.NotBanned, "the network is removed"));
    }

    private static IPNetwork? Network(HttpContext context) => NetworkText.TryParse(RuntimeEndpoints.Route(context, "network"), out var network) ? network : null;

    private static string Reason(HttpContext context)
    {
        var reason = context.Request.Query["reason"].ToString();
        return reason.Length <= LongestReason ? reason : reason[..LongestReason];
    }

    private static Task AddAsync(HttpContext context, RuntimeServices live)
    {
        var query = context.Request.Query;
        TimeSpan? howLong = long.TryParse(query["seconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : null;
        return Network(context) is { } network
            ? AnswerAsync(context, live.Bans.Add(network, howLong, Reason(context)), "the address is banned")
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{RuntimeEndpoints.Route(context, "network")}' is not {NetworkText.Allowed}");
    }

    private static Task AnswerAsync(HttpContext context, BanChange change, string done) => change switch
    {
        BanChange.NotStored => DirectoryAnswers.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"{done} only until the server restarts, because the change could not be stored; see the log"),
        BanChange.Allowed => DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, "the address is in a network that is never banned; see 'mailserver bans allow list'"),
        BanChange.Full => DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, "the list is full; remove networks that are no longer needed"),
        _ => RuntimeEndpoints.Answer(context, found: change == BanChange.Changed),
    };

    private static BanDocument Describe(NetworkRule rule) => new(NetworkText.Describe(rule.Network), rule.Since, rule.Until == DateTimeOffset.MaxValue ? null : rule.Until, rule.Reason, ByHand: true);

    private static BanDocument Describe(Ban ban) =>
        new(ClientNetwork.Describe(ban.Address), ban.Since, ban.Until == DateTimeOffset.MaxValue ? null : ban.Until, ban.Reason, ban.IsManual);
}
