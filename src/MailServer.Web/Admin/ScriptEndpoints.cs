using MailServer.Actors.Filtering;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Dav;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Script endpoints: <c>GET sieve</c> (list), <c>GET|PUT|DELETE sieve/script</c>, <c>PUT sieve/name</c> (with <c>to=</c>), <c>PUT|DELETE sieve/active</c>, <c>POST sieve/test</c>, with the parameters <c>account=</c> (an address, or <c>@domain</c>) and
/// <c>name=</c>. An error is a status with the reason as plain text; a script with errors is <c>409</c> with the first of them.
/// </summary>
public static class ScriptEndpoints
{
    private const int LargestMessage = 64 * 1024 * 1024;

    public static void MapScripts(this IEndpointRouteBuilder endpoints, ScriptAdministration scripts, IDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("sieve", context => AnswerAsync(
            context, scripts, directory, async owner => await WriteAsync(context, ScriptListDocument.Of(await owner.ListAsync(context.RequestAborted)))));
        admin.MapGet("sieve/script", context => AnswerAsync(context, scripts, directory, async owner =>
            await WriteAsync(context, new ScriptTextDocument((await owner.ReadAsync(Name(context), context.RequestAborted)).ToArray()))));
        admin.MapPut("sieve/script", context => ChangeAsync(context, scripts, directory, async owner =>
        {
            await scripts.PutAsync(owner, Name(context), await context.ReadBodyAsync(LargestMessage), context.RequestAborted);
            return true;
        }));
        admin.MapDelete("sieve/script", context => ChangeAsync(context, scripts, directory, async owner =>
        {
            await scripts.DeleteAsync(owner, Name(context), context.RequestAborted);
            return true;
        }));
        admin.MapPut("sieve/name", context => ChangeAsync(context, scripts, directory, async owner =>
        {
            await scripts.RenameAsync(owner, Name(context), context.Request.Query["to"].ToString(), context.RequestAborted);
            return true;
        }));
        admin.MapPut("sieve/active", context => ActivateAsync(context, directory, scripts, Name(context)));
        admin.MapDelete("sieve/active", context => ActivateAsync(context, directory, scripts, null));
        admin.MapPost("sieve/test", context => AnswerAsync(context, scripts, directory, async owner =>
        {
            var name = Name(context);
            var test = new MailboxRequest.TestScript(
                name.Length == 0 ? null : name, await context.ReadBodyAsync(LargestMessage), context.Request.Query["from"].ToString(), context.Request.Query["to"].ToString());
            var tested = await owner.TestAsync(test, context.RequestAborted);
            await WriteAsync(context, new ScriptTestDocument(tested.Trace, tested.Actions, tested.Error));
        }));
    }

    /// <summary>Finds whose scripts a text means: a user's by address, or a domain's by <c>@domain</c>. Throws <see cref="DavException"/> (404) if there is no such user or domain.</summary>
    public static async ValueTask<ScriptOwner> FindAsync(ScriptAdministration scripts, IDirectory directory, string text, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentNullException.ThrowIfNull(directory);
        if (text is not ['@', .. var name]) return scripts.OwnerOf(await DavAdminEndpoints.FindAsync(directory, text, cancel));
        return EmailAddress.TryNormalizeDomain(name, out var domain) && domain[0] != '[' && await directory.IsHostedAsync(domain, cancel)
            ? scripts.OwnerOf(domain)
            : throw new DavException(404, $"the domain '{name}' is not hosted here; see 'mailserver domain list'");
    }

    private static string Name(HttpContext context) => context.Request.Query["name"].ToString();

    private static Task ActivateAsync(HttpContext context, IDirectory directory, ScriptAdministration scripts, string? name) =>
        ChangeAsync(context, scripts, directory, owner => scripts.ActivateAsync(owner, name, context.RequestAborted));

    private static Task ChangeAsync(HttpContext context, ScriptAdministration scripts, IDirectory directory, Func<ScriptOwner, Task<bool>> change) =>
        AnswerAsync(context, scripts, directory, async owner => await WriteAsync(context, new ScriptChangedDocument(await change(owner))));

    private static async Task AnswerAsync(HttpContext context, ScriptAdministration scripts, IDirectory directory, Func<ScriptOwner, Task> answer)
    {
        try
        {
            await answer(await FindAsync(scripts, directory, context.Request.Query["account"].ToString(), context.RequestAborted));
        }
        catch (DavException e)
        {
            await RefuseAsync(context, e.Status, e.Message);
        }
        catch (ScriptRefusedException e)
        {
            await RefuseAsync(context, e.IsMissing ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, e.Message);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }

    private static Task WriteAsync<T>(HttpContext context, T document) =>
        context.Response.WriteAsJsonAsync(document, typeof(T), ScriptJson.Default, cancellationToken: context.RequestAborted);
}
