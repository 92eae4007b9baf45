using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Web.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Pages;

/// <summary>Sessions of the web page in the admin API: <c>GET page-sessions?account=</c>, <c>DELETE page-sessions/{id}</c>, <c>DELETE page-sessions?account=</c>.</summary>
public static class PageSessionEndpoints
{
    public static void MapPageSessions(this IEndpointRouteBuilder endpoints, PageSessions sessions, IDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("page-sessions", async context =>
        {
            var account = await AccountAsync(context, directory);
            if (account is null && context.Request.Query["account"].Count > 0) await RuntimeEndpoints.Answer(context, found: false);
            else await RuntimeEndpoints.WriteAsync(context, new PageSessionListDocument([.. (account is { } one ? sessions.ListOf(one) : sessions.List()).Select(Describe)]));
        });
        admin.MapDelete("page-sessions/{id}", context => RuntimeEndpoints.Answer(context, sessions.End(RuntimeEndpoints.Route(context, "id"))));
        admin.MapDelete("page-sessions", async context =>
        {
            if (await AccountAsync(context, directory) is { } account) await RuntimeEndpoints.WriteAsync(context, new PageSessionsEndedDocument(sessions.EndAll(account)));
            else await RuntimeEndpoints.Answer(context, found: false);
        });
    }

    private static async Task<AccountId?> AccountAsync(HttpContext context, IDirectory directory) =>
        EmailAddress.TryParse(context.Request.Query["account"].ToString(), out var address) ? (await directory.FindLoginAsync(address, context.RequestAborted))?.Account.Id : null;

    private static PageSessionDocument Describe((string Id, PageSession Session) each) => new(
        each.Id, each.Session.Address.ToString(), each.Session.Browser, each.Session.Peer?.ToString() ?? "", each.Session.StartedAt, each.Session.LastUsedAt, each.Session.HasSecondFactor);
}
