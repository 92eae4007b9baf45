using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary><c>GET users/{address}/use</c>: the size of a user's mail, the quota and the outgoing mail.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder admin, RuntimeServices live) => admin.MapGet("users/{address}/use", context => ShowAsync(context, live));

    private static async Task ShowAsync(HttpContext context, RuntimeServices live)
    {
        var login = EmailAddress.TryParse(RuntimeEndpoints.Route(context, "address"), out var address) ? await live.Directory.FindLoginAsync(address, context.RequestAborted) : null;
        if (login is not { Account: var account })
        {
            await RuntimeEndpoints.Answer(context, found: false);
        }
        else if (await live.Mailboxes.UseAsync(account.Id, context.RequestAborted) is { } use)
        {
            var sent = live.Outgoing(account.Id);
            await RuntimeEndpoints.WriteAsync(context, new UserUsageDocument(account.Address.ToString(), use.Used, use.Limit, sent is null
                ? null
                : new OutgoingUsageDocument(sent.MessagesToday, sent.ThisHour, sent.PerHour, sent.Today, sent.PerDay, sent.NewToday, sent.NewPerDay)));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }
}
