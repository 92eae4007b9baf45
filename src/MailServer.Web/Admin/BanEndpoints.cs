using System.Globalization;
using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Ban endpoints: <c>GET bans</c>, <c>PUT bans/{address}?seconds=&amp;reason=</c>, <c>DELETE bans/{address}</c>.</summary>
internal static class BanEndpoints
{
    private const int LongestReason = 200;

    public static void MapBans(this IEndpointRouteBuilder admin, RuntimeServices live)
    {
        admin.MapGet("bans", context => RuntimeEndpoints.WriteAsync(context, new BanListDocument([.. live.Bans.List().Select(Describe)])));
        admin.MapPut("bans/{address}", context => AddAsync(context, live));
        admin.MapDelete("bans/{address}", context => AnswerAsync(
            context, IPAddress.TryParse(RuntimeEndpoints.Route(context, "address"), out var address) ? live.Bans.Remove(address) : BanChange.NotBanned, "the ban is removed"));
    }

    private static Task AddAsync(HttpContext context, RuntimeServices live)
    {
        var query = context.Request.Query;
        TimeSpan? howLong = long.TryParse(query["seconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : null;
        var reason = query["reason"].ToString();
        if (!IPAddress.TryParse(RuntimeEndpoints.Route(context, "address"), out var address))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }

        return AnswerAsync(context, live.Bans.Add(address, howLong, reason.Length <= LongestReason ? reason : reason[..LongestReason], byHand: true), "the address is banned");
    }

    private static Task AnswerAsync(HttpContext context, BanChange change, string done)
    {
        if (change != BanChange.NotStored) return RuntimeEndpoints.Answer(context, found: change == BanChange.Changed);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync($"{done} only until the server restarts, because the change could not be stored; see the log", context.RequestAborted);
    }

    private static BanDocument Describe(Ban ban) =>
        new(ClientNetwork.Describe(ban.Address), ban.Since, ban.Until == DateTimeOffset.MaxValue ? null : ban.Until, ban.Reason, ban.IsManual);
}
