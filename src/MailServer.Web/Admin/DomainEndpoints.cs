using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Domain endpoints: <c>GET domains</c>; <c>GET</c>, <c>PUT</c> and <c>DELETE domains/{domain}</c>; its quota, other name, catch-all, MTA-STS mode and comment; <c>enable</c> and <c>disable</c>.</summary>
internal static class DomainEndpoints
{
    private const string Default = "default";
    private const string None = "none";

    /// <param name="admin">The route group of the admin API.</param>
    /// <param name="directory">Performs the changes.</param>
    /// <param name="createKeys">Creates the DKIM keys of a new domain; returns why it cannot, or null.</param>
    public static void MapDomains(this IEndpointRouteBuilder admin, IDirectoryAdministration directory, Func<string, string?> createKeys)
    {
        admin.MapGet("domains", context => DirectoryAnswers.RunAsync(context, async () => await RuntimeEndpoints.WriteAsync(
            context, new DomainListDocument([.. (await directory.ListDomainsAsync(context.RequestAborted)).Select(Describe)]))));
        admin.MapGet("domains/{domain}", Of(async (context, domain) => await RuntimeEndpoints.WriteAsync(context, Describe(await directory.RequireDomainAsync(domain, context.RequestAborted)))));
        admin.MapPut("domains/{domain}", Of(async (context, domain) =>
        {
            await directory.AddDomainAsync(domain, context.RequestAborted);
            var fault = createKeys(domain);
            await RuntimeEndpoints.WriteAsync(context, new ChangeDocument(true, "") { Hint = fault is null ? "" : $"its DKIM key could not be created: {fault}" });
        }));
        admin.MapDelete("domains/{domain}", Of(async (context, domain) =>
        {
            await directory.RemoveDomainAsync(domain, withAccounts: false, context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapPut("domains/{domain}/quota", Of((context, domain) => SetQuotaAsync(context, directory, domain)));
        admin.MapPut("domains/{domain}/catch-all", Of((context, domain) => SetCatchAllAsync(context, directory, domain)));
        admin.MapPut("domains/{domain}/mta-sts", Of((context, domain) => context.Request.Query["mode"].ToString() is var text && TryReadMode(text, out var mode)
            ? DirectoryAnswers.ChangeAsync(context, "the domain has this MTA-STS mode already", () => directory.SetDomainMtaStsAsync(domain, mode, context.RequestAborted))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, "mode must be enforce, testing, none or default")));
        admin.MapPut("domains/{domain}/comment", Of((context, domain) => context.Request.Query["text"].ToString().Trim() is var text && AliasEntry.IsComment(text)
            ? DirectoryAnswers.ChangeAsync(context, "the domain has this comment already", () => directory.SetDomainCommentAsync(domain, text, context.RequestAborted))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"a comment is one line of at most {AliasEntry.LongestComment} characters")));
        admin.MapPut("domains/{domain}/alias-of", Of((context, domain) => context.Request.Query["domain"].ToString() is var text && TryReadDomain(text, out var other)
            ? DirectoryAnswers.ChangeAsync(context, "the domain is an alias of this one already, or of none", () => directory.SetDomainAliasOfAsync(domain, other, context.RequestAborted))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, "domain must be a domain name or none")));
        admin.MapPost("domains/{domain}/enable", Of((context, domain) =>
            DirectoryAnswers.ChangeAsync(context, "the domain is enabled already", () => directory.SetDomainEnabledAsync(domain, true, context.RequestAborted))));
        admin.MapPost("domains/{domain}/disable", Of((context, domain) =>
            DirectoryAnswers.ChangeAsync(context, "the domain is disabled already", () => directory.SetDomainEnabledAsync(domain, false, context.RequestAborted))));
    }

    private static Task SetQuotaAsync(HttpContext context, IDirectoryAdministration directory, string domain)
    {
        var text = context.Request.Query["size"].ToString();
        if (!QuotaSize.TryParse(text, out var octets) && text != None) return DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, "size must be a size (500M, 5G) or none");
        return DirectoryAnswers.ChangeAsync(context, "the domain has this quota already", () => directory.SetDomainQuotaAsync(domain, text == None ? null : octets, context.RequestAborted));
    }

    private static Task SetCatchAllAsync(HttpContext context, IDirectoryAdministration directory, string domain)
    {
        var targets = new List<EmailAddress>();
        foreach (var word in context.Request.Query["targets"].ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word == None) continue;
            if (!EmailAddress.TryParse(word, out var target)) return DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{word}' is not an email address");
            targets.Add(target);
        }

        return DirectoryAnswers.ChangeAsync(context, "the domain has this catch-all already", () => directory.SetCatchAllAsync(domain, targets, context.RequestAborted));
    }

    private static bool TryReadDomain(string text, out string? domain)
    {
        domain = null;
        return text == None || (EmailAddress.TryNormalizeDomain(text, out domain) && domain[0] != '[');
    }

    private static bool TryReadMode(string text, out MtaStsMode? mode)
    {
        var isMode = MtaStsPolicy.TryParseMode(text, out var own);
        mode = isMode ? own : null;
        return isMode || text == Default;
    }

    private static RequestDelegate Of(Func<HttpContext, string, Task> handle) => context =>
    {
        var text = RuntimeEndpoints.Route(context, "domain");
        return EmailAddress.TryNormalizeDomain(text, out var domain) && domain[0] != '['
            ? DirectoryAnswers.RunAsync(context, () => handle(context, domain))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not a domain name");
    };

    private static DomainDocument Describe(DomainEntry entry) => new(
        entry.Name, entry.Enabled, entry.Accounts, entry.Aliases, entry.CreatedAt, entry.Quota, [.. entry.CatchAll?.Targets.Select(static t => t.ToString()) ?? []],
        entry.CatchAll?.Enabled ?? false, entry.MtaSts is { } mode ? MtaStsPolicy.NameOf(mode) : null, entry.Comment)
    {
        Lists = entry.Lists,
        AliasOf = entry.AliasOf,
    };
}
