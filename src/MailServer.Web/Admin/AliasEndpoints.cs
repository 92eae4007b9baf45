using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Alias endpoints: <c>GET aliases</c>, <c>GET</c> and <c>DELETE aliases/{address}</c>, its targets, its comment, <c>enable</c> and <c>disable</c>.</summary>
internal static class AliasEndpoints
{
    public static void MapAliases(this IEndpointRouteBuilder admin, IDirectoryAdministration directory)
    {
        admin.MapGet("aliases", context => DirectoryAnswers.RunAsync(context, async () => await RuntimeEndpoints.WriteAsync(context, new AliasListDocument(
            [.. (await directory.ListAliasesAsync(context.Request.Query["domain"].ToString() is { Length: > 0 } domain ? domain : null, context.RequestAborted)).Select(Describe)]))));
        admin.MapGet("aliases/{address}", Of(async (context, alias) =>
        {
            var found = (await directory.ListAliasesAsync(alias.Domain, context.RequestAborted)).FirstOrDefault(a => a.Alias.Key == alias.Key) ?? throw new DirectoryException(DirectoryRefusal.AliasUnknown, alias.ToString());
            await RuntimeEndpoints.WriteAsync(context, Describe(found));
        }));
        admin.MapDelete("aliases/{address}", Of(async (context, alias) =>
        {
            await directory.RemoveAliasAsync(alias, context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapPut("aliases/{address}/targets/{target}", Of(async (context, alias, target) =>
        {
            await directory.AddAliasAsync(alias, [target], context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapDelete("aliases/{address}/targets/{target}", Of(async (context, alias, target) =>
        {
            await directory.RemoveAliasTargetAsync(alias, target, context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapPut("aliases/{address}/comment", Of((context, alias) =>
        {
            var text = context.Request.Query["text"].ToString().Trim();
            return AliasEntry.IsComment(text)
                ? DirectoryAnswers.ChangeAsync(context, "the alias has this comment already", () => directory.SetAliasCommentAsync(alias, text, context.RequestAborted))
                : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"a comment is one line of at most {AliasEntry.LongestComment} characters");
        }));
        admin.MapPost("aliases/{address}/enable", Of((context, alias) =>
            DirectoryAnswers.ChangeAsync(context, "the alias is enabled already", () => directory.SetAliasEnabledAsync(alias, true, context.RequestAborted))));
        admin.MapPost("aliases/{address}/disable", Of((context, alias) =>
            DirectoryAnswers.ChangeAsync(context, "the alias is disabled already", () => directory.SetAliasEnabledAsync(alias, false, context.RequestAborted))));
    }

    private static RequestDelegate Of(Func<HttpContext, AliasAddress, EmailAddress, Task> handle) => Of((context, alias) =>
    {
        var text = RuntimeEndpoints.Route(context, "target");
        return EmailAddress.TryParse(text, out var target)
            ? handle(context, alias, target)
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not an email address");
    });

    private static RequestDelegate Of(Func<HttpContext, AliasAddress, Task> handle) => context =>
    {
        var text = RuntimeEndpoints.Route(context, "address");
        return AliasAddress.TryParse(text, out var alias)
            ? DirectoryAnswers.RunAsync(context, () => handle(context, alias))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not an email address or @domain");
    };

    private static AliasDocument Describe(AliasEntry entry) => new(entry.Alias.ToString(), [.. entry.Targets.Select(static t => t.ToString())], entry.Enabled, entry.Comment);
}
