using MailServer.Actors.Filtering;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Dav;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Script endpoints: <c>GET sieve</c> (list), <c>GET|PUT|DELETE sieve/script</c>, <c>PUT sieve/name</c> (with <c>to=</c>), <c>PUT|DELETE sieve/active</c>, <c>POST sieve/test</c>, with the parameters <c>account=</c> and
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
            context, directory, async account => await WriteAsync(context, ScriptListDocument.Of(await scripts.ListAsync(account, context.RequestAborted)))));
        admin.MapGet("sieve/script", context => AnswerAsync(context, directory, async account =>
            await WriteAsync(context, new ScriptTextDocument((await scripts.ReadAsync(account, Name(context), context.RequestAborted)).ToArray()))));
        admin.MapPut("sieve/script", context => ChangeAsync(context, directory, async account =>
        {
            await scripts.PutAsync(account, Name(context), await context.ReadBodyAsync(LargestMessage), context.RequestAborted);
            return true;
        }));
        admin.MapDelete("sieve/script", context => ChangeAsync(context, directory, async account =>
        {
            await scripts.DeleteAsync(account, Name(context), context.RequestAborted);
            return true;
        }));
        admin.MapPut("sieve/name", context => ChangeAsync(context, directory, async account =>
        {
            await scripts.RenameAsync(account, Name(context), context.Request.Query["to"].ToString(), context.RequestAborted);
            return true;
        }));
        admin.MapPut("sieve/active", context => ActivateAsync(context, directory, scripts, Name(context)));
        admin.MapDelete("sieve/active", context => ActivateAsync(context, directory, scripts, null));
        admin.MapPost("sieve/test", context => AnswerAsync(context, directory, async account =>
        {
            var name = Name(context);
            var test = new MailboxRequest.TestScript(
                name.Length == 0 ? null : name, await context.ReadBodyAsync(LargestMessage), context.Request.Query["from"].ToString(), context.Request.Query["to"].ToString());
            var tested = await scripts.TestAsync(account, test, context.RequestAborted);
            await WriteAsync(context, new ScriptTestDocument(tested.Trace, tested.Actions, tested.Error));
        }));
    }

    private static string Name(HttpContext context) => context.Request.Query["name"].ToString();

    private static Task ActivateAsync(HttpContext context, IDirectory directory, ScriptAdministration scripts, string? name) =>
        ChangeAsync(context, directory, account => scripts.ActivateAsync(account, name, context.RequestAborted));

    private static Task ChangeAsync(HttpContext context, IDirectory directory, Func<Account, Task<bool>> change) =>
        AnswerAsync(context, directory, async account => await WriteAsync(context, new ScriptChangedDocument(await change(account))));

    private static async Task AnswerAsync(HttpContext context, IDirectory directory, Func<Account, Task> answer)
    {
        try
        {
            await answer(await DavAdminEndpoints.FindAsync(directory, context.Request.Query["account"].ToString(), context.RequestAborted));
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
