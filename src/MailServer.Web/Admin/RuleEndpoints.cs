using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Actors.Filtering;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Sieve.Rules;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Rules of a user (<c>account=</c>): <c>GET rules</c>, <c>POST rules</c> (a rule, with <c>position=</c>), <c>PUT|DELETE rules/rule</c>, <c>PUT rules/position</c> and <c>PUT rules/enabled</c> with
/// <c>number=</c>, <c>PUT rules/active</c>, <c>PUT rules/included</c>, <c>POST rules/replace</c>, <c>POST rules/run</c>, <c>PUT|DELETE out-of-office</c>; <c>POST forwarding/ask</c>, <c>POST forwarding/confirm</c>, <c>PUT forwarding</c>, <c>DELETE forwarding/address</c>; and <c>POST sieve/run</c>. An error is a status with
/// the reason as plain text.
/// </summary>
public static class RuleEndpoints
{
    private const int LargestBody = 128 * 1024;

    public static void MapRules(this IEndpointRouteBuilder endpoints, RuleService rules, ForwardingAdministration forwarding, IDirectory directory)
    {
        MapForwarding(endpoints.MapGroup(AdminApi.Prefix), forwarding, directory);
        ArgumentNullException.ThrowIfNull(rules);
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("rules", Of(directory, async (context, account) => await WriteAsync(context, await rules.ReadAsync(account, context.RequestAborted))));
        admin.MapPost("rules", Of(directory, async (context, account) => await WriteAsync(context, await rules.AddAsync(
            account, await ReadAsync(context, RuleJson.Default.RuleDocument), Number(context, "position"), context.RequestAborted))));
        admin.MapPut("rules/rule", Of(directory, async (context, account) => await WriteAsync(context, await rules.SetAsync(
            account, Required(context, "number"), await ReadAsync(context, RuleJson.Default.RuleDocument), context.RequestAborted))));
        admin.MapDelete("rules/rule", Of(directory, async (context, account) => await WriteAsync(context, await rules.RemoveAsync(account, Required(context, "number"), context.RequestAborted))));
        admin.MapPut("rules/position", Of(directory, async (context, account) => await WriteAsync(context, await rules.MoveAsync(
            account, Required(context, "number"), Required(context, "position"), context.RequestAborted))));
        admin.MapPut("rules/enabled", Of(directory, async (context, account) => await WriteAsync(context, await rules.EnableAsync(
            account, Required(context, "number"), Flag(context, "value") ?? true, context.RequestAborted))));
        admin.MapPut("rules/active", Of(directory, async (context, account) => await WriteAsync(context, await rules.ActivateAsync(account, Flag(context, "include"), context.RequestAborted))));
        admin.MapPut("rules/included", Of(directory, async (context, account) => await WriteAsync(context, await rules.IncludeAsync(account, Named(context, "name"), context.RequestAborted))));
        admin.MapPost("rules/replace", Of(directory, async (context, account) => await WriteAsync(context, await rules.ReplaceAsync(account, context.RequestAborted))));
        admin.MapPost("rules/run", Of(directory, async (context, account) => await WriteAsync(context, await rules.RunAsync(
            account, Folder(context), Number(context, "number"), Number(context, "days"), Flag(context, "apply") ?? false, context.RequestAborted))));
        admin.MapPost("sieve/run", Of(directory, async (context, account) => await WriteAsync(context, await rules.RunAsync(
            account, new FolderRun(Folder(context)) { Script = Named(context, "name"), Days = Number(context, "days"), Applies = !(Flag(context, "dry_run") ?? false) }, context.RequestAborted))));
        admin.MapPut("out-of-office", Of(directory, async (context, account) => await WriteAsync(context, await rules.SetOutOfOfficeAsync(
            account, await ReadAsync(context, RuleJson.Default.OutOfOfficeDocument), context.RequestAborted))));
        admin.MapDelete("out-of-office", Of(directory, async (context, account) => await WriteAsync(context, await rules.EndOutOfOfficeAsync(account, context.RequestAborted))));
    }

    private static void MapForwarding(RouteGroupBuilder admin, ForwardingAdministration forwarding, IDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(forwarding);
        admin.MapPost("forwarding/ask", Of(directory, async (context, account) =>
        {
            await forwarding.RequestAsync(account, Address(context), context.RequestAborted);
            await WriteAsync(context, new RulesChangedDocument(true));
        }));
        admin.MapPost("forwarding/confirm", Of(directory, async (context, account) => await WriteAsync(
            context, new RulesChangedDocument(true, Address: await forwarding.ConfirmAsync(account, Named(context, "code") ?? "", context.RequestAborted)))));
        admin.MapPut("forwarding", Of(directory, async (context, account) => await WriteAsync(
            context, new RulesChangedDocument(await forwarding.SetAsync(account, Named(context, "to"), Flag(context, "copy") ?? true, context.RequestAborted)))));
        admin.MapDelete("forwarding/address", Of(directory, async (context, account) =>
        {
            await forwarding.ForgetAsync(account, Named(context, "to") ?? "", context.RequestAborted);
            await WriteAsync(context, new RulesChangedDocument(true));
        }));
    }

    private static EmailAddress Address(HttpContext context) =>
        EmailAddress.TryParse(Named(context, "to"), out var address) ? address : throw new RuleFormatException($"'{Named(context, "to")}' is not an email address");

    private static RequestDelegate Of(IDirectory directory, Func<HttpContext, Account, Task> answer) => async context =>
    {
        try
        {
            await answer(context, await DavAdminEndpoints.FindAsync(directory, context.Request.Query["account"].ToString(), context.RequestAborted));
        }
        catch (DavException e)
        {
            await RefuseAsync(context, e.Status, e.Message);
        }
        catch (RuleFormatException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, e.Message);
        }
        catch (ScriptRefusedException e)
        {
            await RefuseAsync(context, e.IsMissing ? StatusCodes.Status404NotFound : e.IsUnavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status409Conflict, e.Message);
        }
    };

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(await context.ReadBodyAsync(LargestBody), type) ?? throw new RuleFormatException("the body is empty");
        }
        catch (JsonException e)
        {
            throw new RuleFormatException($"the body is not such a JSON document: {e.Message}");
        }
    }

    private static string? Named(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static int? Number(HttpContext context, string name)
    {
        if (Named(context, name) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new RuleFormatException($"{name} must be a number from 1");
    }

    private static int Required(HttpContext context, string name) => Number(context, name) ?? throw new RuleFormatException($"{name} is missing");

    private static bool? Flag(HttpContext context, string name) => Named(context, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new RuleFormatException($"{name} must be true or false"),
    };

    private static FolderName Folder(HttpContext context) =>
        FolderName.TryParse(Named(context, "folder") ?? "INBOX", out var folder) ? folder : throw new RuleFormatException($"'{Named(context, "folder")}' cannot be the name of a folder");

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }

    private static Task WriteAsync<T>(HttpContext context, T document) =>
        context.Response.WriteAsJsonAsync(document, typeof(T), RuleJson.Default, cancellationToken: context.RequestAborted);
}
