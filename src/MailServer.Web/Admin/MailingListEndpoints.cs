using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Mailing list endpoints: <c>GET lists</c>; <c>GET</c>, <c>PUT</c> and <c>DELETE lists/{address}</c>; its members; <c>enable</c> and <c>disable</c>.</summary>
internal static class MailingListEndpoints
{
    public static void MapMailingLists(this IEndpointRouteBuilder admin, IDirectoryAdministration directory)
    {
        admin.MapGet("lists", context => DirectoryAnswers.RunAsync(context, async () => await RuntimeEndpoints.WriteAsync(context, new MailingListsDocument(
            [.. (await directory.ListMailingListsAsync(context.Request.Query["domain"].ToString() is { Length: > 0 } domain ? domain : null, context.RequestAborted)).Select(Describe)]))));
        admin.MapGet("lists/{address}", Of(async (context, list) => await RuntimeEndpoints.WriteAsync(context, Describe(await directory.RequireListAsync(list, context.RequestAborted)))));
        admin.MapPut("lists/{address}", Of((context, list) => SetAsync(context, directory, list)));
        admin.MapDelete("lists/{address}", Of(async (context, list) =>
        {
            await directory.RemoveListAsync(list, context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapPut("lists/{address}/members/{member}", Of((context, list, member) =>
            DirectoryAnswers.ChangeAsync(context, "it is a member already", async () => (await directory.AddListMembersAsync(list, [member], context.RequestAborted)).Count > 0)));
        admin.MapDelete("lists/{address}/members/{member}", Of(async (context, list, member) =>
        {
            await directory.RemoveListMemberAsync(list, member, context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapPost("lists/{address}/enable", Of((context, list) =>
            DirectoryAnswers.ChangeAsync(context, "the list is enabled already", () => directory.SetListEnabledAsync(list, true, context.RequestAborted))));
        admin.MapPost("lists/{address}/disable", Of((context, list) =>
            DirectoryAnswers.ChangeAsync(context, "the list is disabled already", () => directory.SetListEnabledAsync(list, false, context.RequestAborted))));
    }

    /// <summary>Adds a list, or changes the settings that the query has.</summary>
    private static async Task SetAsync(HttpContext context, IDirectoryAdministration directory, EmailAddress address)
    {
        var query = context.Request.Query;
        var known = (await directory.ListMailingListsAsync(address.Domain, context.RequestAborted)).FirstOrDefault(l => l.Address.Equals(address));
        var owner = known?.Settings.Owner;
        if ((query.TryGetValue("owner", out var text) && !EmailAddress.TryParse(text.ToString(), out owner)) || owner is null)
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, "owner must be an email address");
            return;
        }

        var settings = (known?.Settings ?? new MailingListSettings(owner)) with { Owner = owner };
        if (query.TryGetValue("name", out var name)) settings = settings with { Name = name.ToString().Trim() };
        var isPosting = !query.TryGetValue("post", out var post) || MailingListText.TryParse(post.ToString(), out _);
        var isReplies = !query.TryGetValue("replies", out var replies) || replies.ToString() is "list" or "author";
        if (!isPosting || !isReplies || !MailingList.IsName(settings.Name))
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"post must be members, anyone or owner; replies must be author or list; a name is one line of at most {MailingList.LongestName} characters");
            return;
        }

        if (MailingListText.TryParse(post.ToString(), out var posting)) settings = settings with { Posting = posting };
        if (replies.Count > 0) settings = settings with { RepliesToList = replies.ToString() == "list" };
        await DirectoryAnswers.ChangeAsync(context, "the list has these settings already", async () =>
        {
            if (known is not null) return await directory.SetListAsync(address, settings, context.RequestAborted);
            await directory.AddListAsync(address, settings, [], context.RequestAborted);
            return true;
        });
    }

    private static RequestDelegate Of(Func<HttpContext, EmailAddress, EmailAddress, Task> handle) => Of((context, list) =>
    {
        var text = RuntimeEndpoints.Route(context, "member");
        return EmailAddress.TryParse(text, out var member)
            ? handle(context, list, member)
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not an email address");
    });

    private static RequestDelegate Of(Func<HttpContext, EmailAddress, Task> handle) => context =>
    {
        var text = RuntimeEndpoints.Route(context, "address");
        return EmailAddress.TryParse(text, out var list)
            ? DirectoryAnswers.RunAsync(context, () => handle(context, list))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not an email address");
    };

    private static MailingListDocument Describe(MailingList list) => new(
        list.Address.ToString(), list.Settings.Name, list.Settings.Owner.ToString(), MailingListText.Of(list.Settings.Posting), list.Settings.RepliesToList ? "list" : "author", list.Enabled,
        [.. list.Members.Select(static m => m.ToString())]);
}
