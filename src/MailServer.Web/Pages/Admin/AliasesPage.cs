using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>The aliases, and the page of one alias.</summary>
internal static class AliasesPage
{
    private const string Path = "/admin/aliases";
    private const string One = "/admin/aliases/show";
    private const int MostTargets = 100;

    private static readonly ListOf<AliasEntry> List = new(Path, static a => [a.Alias.ToString(), DisplayFormat.Address(a.Alias), a.Comment, .. a.Targets.Select(DisplayFormat.Address)])
    {
        Columns =
        [
            ListColumn.Text<AliasEntry>("address", "Mail for", static a => DisplayFormat.Address(a.Alias)),
            ListColumn.Text<AliasEntry>("target", "Goes to", static a => a.Targets.Count > 0 ? DisplayFormat.Address(a.Targets[0]) : ""),
            ListColumn.Text<AliasEntry>("state", "State", static a => a.Enabled ? "enabled" : "disabled"),
            ListColumn.Text<AliasEntry>("comment", "Comment", static a => a.Comment),
        ],
        Filters =
        [
            ListFilter.Values<AliasEntry>("domain", "Domain", static a => a.Alias.Domain, DisplayFormat.Domain),
            ListFilter.Fixed<AliasEntry>(
                "kind", "Kind", new("one", "one target", static a => a.Targets.Count == 1), new("several", "several targets", static a => a.Targets.Count > 1), new("pattern", "pattern", static a => a.Alias.IsPattern), new("catch-all", "catch-all", static a => a.Alias.IsCatchAll)),
            ListFilter.Fixed<AliasEntry>("state", "State", new("enabled", "enabled", static a => a.Enabled), new("disabled", "disabled", static a => !a.Enabled)),
        ],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<AliasesView, ListPage<AliasEntry>>(
            "Aliases", List.Read(request, await request.Services.Administration.ListAliasesAsync(null, request.Cancel)))),
        PageRoute.Get(One, PageAudience.Administrators, ShowAsync),
        PageRoute.Post("/admin/aliases/add", PageAudience.Administrators, AddAsync, Path).About("address"),
        PageRoute.Post("/admin/aliases/remove", PageAudience.Administrators, RemoveAsync, Path).Confirmed(
            "Remove", ["address"], static r => $"Remove {NameOf(r)}?", static _ => "Mail for this address is then refused.", NameOf),
        Change("targets/add", AddTargetsAsync).About("targets"),
        Change("targets/remove", static async (request, alias) =>
        {
            var target = request.Address("target");
            await request.Services.Administration.RemoveAliasTargetAsync(alias, target, request.Cancel);
            return $"Mail for {DisplayFormat.Address(alias)} no longer goes to {DisplayFormat.Address(target)}.";
        }),
        Change("comment", SetCommentAsync).About("comment"),
        Change("enable", static async (request, alias) => await request.Services.Administration.SetAliasEnabledAsync(alias, true, request.Cancel)
            ? "The alias forwards mail again."
            : "Nothing changed: the alias is enabled already."),
        Change("disable", static async (request, alias) => await request.Services.Administration.SetAliasEnabledAsync(alias, false, request.Cancel)
            ? "Mail for the alias is refused until you enable it again."
            : "Nothing changed: the alias is disabled already.").Confirmed(
                "Disable", ["address"], static r => $"Disable {NameOf(r)}?", static _ => "Mail for this address is then refused. Its targets and its comment are kept."),
    ];

    private static PageRoute Change(string what, Func<PageRequest, AliasAddress, Task<string>> change) =>
        PageRoute.Post($"/admin/aliases/{what}", PageAudience.Administrators, async request => request.RedirectWithNotice(await change(request, AliasOf(request))), Path) with
        { ReturnPathSelector = static request => DisplayFormat.Link(One, "address", request.Key("address").Trim()) };

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        if (!AliasAddress.TryParse(request.Query("address").Trim(), out var alias)) throw PageException.NotFound();
        var found = (await request.Services.Administration.ListAliasesAsync(alias.Domain, request.Cancel)).FirstOrDefault(a => a.Alias.Key == alias.Key) ?? throw PageException.NotFound();
        return PageResult.Render<AliasView, AliasEntry>(DisplayFormat.Address(found.Alias), found);
    }

    private static async Task<string> AddTargetsAsync(PageRequest request, AliasAddress alias)
    {
        var known = (await request.Services.Administration.ListAliasesAsync(alias.Domain, request.Cancel)).Any(a => a.Alias.Key == alias.Key);
        // The form of an alias that somebody has removed meanwhile must not create it again.
        if (!known) throw new DirectoryException(DirectoryRefusal.AliasUnknown, alias.ToString());
        return await AddAsync(request, alias, TargetsOf(request));
    }

    private static async Task<string> SetCommentAsync(PageRequest request, AliasAddress alias)
    {
        var text = request.Field("comment").Trim();
        if (!AliasEntry.IsComment(text)) throw PageException.Invalid($"Write one line of at most {AliasEntry.LongestComment} characters.", "comment");
        if (!await request.Services.Administration.SetAliasCommentAsync(alias, text, request.Cancel)) return "Nothing changed: the alias has this comment already.";
        return text.Length == 0 ? "The comment is removed." : "The comment is saved.";
    }

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        AliasAddress? alias = null;
        List<EmailAddress> targets = [];
        PageException.CheckAll(() => alias = AliasOf(request), () => targets = TargetsOf(request));
        return request.RedirectWithNotice(await AddAsync(request, alias!, targets));
    }

    private static async Task<string> AddAsync(PageRequest request, AliasAddress alias, List<EmailAddress> targets)
    {
        var added = await request.Services.Administration.AddAliasAsync(alias, targets, request.Cancel);
        var rest = added.Count < targets.Count ? $" The other {(targets.Count - added.Count == 1 ? "address" : "addresses")} had been added before." : "";
        return $"Mail for {alias} is forwarded to {string.Join(", ", added)}.{rest}";
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var alias = AliasOf(request);
        await request.Services.Administration.RemoveAliasAsync(alias, request.Cancel);
        return request.RedirectWithNotice($"{DisplayFormat.Address(alias)} is removed.");
    }

    private static AliasAddress AliasOf(PageRequest request) =>
        AliasAddress.TryParse(request.Field("address").Trim(), out var alias) ? alias : throw PageException.Invalid($"“{request.Field("address")}” is neither an address nor @domain.", "address");

    private static string NameOf(PageRequest request) => AliasAddress.TryParse(request.Key("address").Trim(), out var alias) ? DisplayFormat.Address(alias) : throw PageException.NotFound();

    private static List<EmailAddress> TargetsOf(PageRequest request)
    {
        var words = request.Field("targets").Split([' ', ',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length is 0 or > MostTargets) throw PageException.Invalid($"Say where it leads: to 1 to {MostTargets} addresses.", "targets");
        return [.. words.Select(static w => EmailAddress.TryParse(w, out var address) ? address : throw PageException.Invalid($"“{w}” is not an email address.", "targets"))];
    }
}
