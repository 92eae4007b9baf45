using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Web.Pages.Admin;

/// <summary>The settings of one domain.</summary>
internal static class DomainPage
{
    public const string Path = "/admin/domains/show";
    private const string Default = "default";
    private const string None = "none";
    private const int MostTargets = 100;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, ShowAsync),
        Change("quota", SetQuotaAsync).About("size"),
        Change("alias-of", SetAliasOfAsync).About("other"),
        Change("catch-all", SetCatchAllAsync).About("targets"),
        Change("mta-sts", SetMtaStsAsync).About("mode"),
        Change("comment", SetCommentAsync).About("comment"),
        Change("enable", static async (request, domain) => await request.Services.Administration.SetDomainEnabledAsync(domain, true, request.Cancel)
            ? "The domain receives mail again, and its users can sign in."
            : "Nothing changed: the domain is enabled already."),
        Change("disable", DisableAsync).Confirmed(
            "Disable", ["domain"], static r => $"Disable {DisplayFormat.Domain(r.Key("domain"))}?",
            static _ => "Mail for the domain is then refused at once with a permanent error (550), so senders get it back. Its users cannot sign in, and programs that are signed in are disconnected. "
                + "Mail that has arrived, accounts, aliases and settings are kept. Mail of the domain that waits in the queue is still sent; hold it in the queue if it should not be."),
    ];

    private static PageRoute Change(string what, Func<PageRequest, string, Task<string>> change) =>
        PageRoute.Post($"/admin/domains/{what}", PageAudience.Administrators, async request =>
        {
            var domain = (await request.Services.Administration.RequireDomainAsync(request.Field("domain"), request.Cancel)).Name;
            return request.RedirectWithNotice(await change(request, domain));
        }, "/admin/domains") with
        { ReturnPathSelector = static request => DisplayFormat.Link(Path, "domain", request.Key("domain")) };

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var domain = await request.Services.Administration.RequireDomainAsync(request.Query("domain"), request.Cancel);
        return PageResult.Render<DomainView, DomainModel>(DisplayFormat.Domain(domain.Name), new DomainModel(
            domain, request.Services.MtaSts, domain.Name == request.Account.Address.Domain));
    }

    private static async Task<string> SetQuotaAsync(PageRequest request, string domain)
    {
        long? quota = request.Field("size").Trim() switch
        {
            "" or None => null,
            var text => QuotaSize.TryParse(text, out var octets) ? octets : throw PageException.Invalid("Write a size such as 500M or 5G, or “none”.", "size"),
        };
        if (!await request.Services.Administration.SetDomainQuotaAsync(domain, quota, request.Cancel)) return "Nothing changed: the domain has this quota already.";
        return quota is { } limit
            ? $"Accounts without a quota of their own may now store {QuotaSize.Format(limit)}. It applies from the next message."
            : "Accounts without a quota of their own have no limit now.";
    }

    private static async Task<string> SetAliasOfAsync(PageRequest request, string domain)
    {
        var text = request.Field("other").Trim();
        string? other = null;
        if (text is not ("" or None) && (!EmailAddress.TryNormalizeDomain(text, out other) || other[0] == '[')) throw PageException.Invalid($"“{text}” is not a domain name.", "other");
        if (!await request.Services.Administration.SetDomainAliasOfAsync(domain, other, request.Cancel)) return other is null ? "Nothing changed: the domain is no alias." : "Nothing changed: the domain is an alias of it already.";
        return other is null
            ? "The domain is no longer an alias. It has no addresses now."
            : $"Mail for every address of the domain goes to the same name of {DisplayFormat.Domain(other)}.";
    }

    private static async Task<string> SetCatchAllAsync(PageRequest request, string domain)
    {
        var words = request.Field("targets").Split([' ', ',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length > MostTargets) throw PageException.Invalid($"Write at most {MostTargets} addresses.", "targets");
        List<EmailAddress> targets = words is [None] ? [] : [.. words.Select(static w => EmailAddress.TryParse(w, out var address) ? address : throw PageException.Invalid($"“{w}” is not an email address.", "targets"))];
        if (!await request.Services.Administration.SetCatchAllAsync(domain, targets, request.Cancel)) return "Nothing changed: the domain has this catch-all already.";
        return targets.Count == 0
            ? "The catch-all is removed. Mail for addresses that do not exist is refused."
            : $"Mail for addresses that do not exist goes to {string.Join(", ", targets.Select(DisplayFormat.Address))}.";
    }

    private static async Task<string> SetMtaStsAsync(PageRequest request, string domain)
    {
        MtaStsMode? mode = request.Field("mode") switch
        {
            Default => null,
            var text => MtaStsPolicy.TryParseMode(text, out var own) ? own : throw PageException.Invalid("Choose a mode.", "mode"),
        };
        if (!await request.Services.Administration.SetDomainMtaStsAsync(domain, mode, request.Cancel)) return "Nothing changed: the domain has this mode already.";
        return $"The MTA-STS mode is now {MtaStsPolicy.NameOf(mode ?? request.Services.MtaSts)}. Publish the changed record _mta-sts of the domain, so that senders notice it.";
    }

    private static async Task<string> SetCommentAsync(PageRequest request, string domain)
    {
        var text = request.Field("comment").Trim();
        if (!AliasEntry.IsComment(text)) throw PageException.Invalid($"Write one line of at most {AliasEntry.LongestComment} characters.", "comment");
        if (!await request.Services.Administration.SetDomainCommentAsync(domain, text, request.Cancel)) return "Nothing changed: the domain has this comment already.";
        return text.Length == 0 ? "The comment is removed." : "The comment is saved.";
    }

    private static async Task<string> DisableAsync(PageRequest request, string domain)
    {
        if (domain == request.Account.Address.Domain) throw PageException.Invalid("You cannot disable the domain of your own account: you could not sign in to enable it again.");
        return await request.Services.Administration.SetDomainEnabledAsync(domain, false, request.Cancel)
            ? "The domain is disabled. Its mail is refused, and its users cannot sign in."
            : "Nothing changed: the domain is disabled already.";
    }
}

/// <summary>A domain with its settings.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="ServerMtaSts">The mode of the MTA-STS policy of domains without their own.</param>
/// <param name="IsOwn">True if it is the domain of the administrator's own account.</param>
public sealed record DomainModel(DomainEntry Domain, MtaStsMode ServerMtaSts, bool IsOwn);
