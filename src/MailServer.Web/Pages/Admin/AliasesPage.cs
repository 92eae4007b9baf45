using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>The aliases.</summary>
internal static class AliasesPage
{
    private const string Path = "/admin/aliases";
    private const int MostTargets = 100;

    private static readonly ListOf<AliasEntry> List = new(Path, static a => [a.Alias.ToString(), DisplayFormat.Address(a.Alias), .. a.Targets.Select(DisplayFormat.Address)])
    {
        Columns =
        [
            ListColumn.Text<AliasEntry>("address", "Mail for", static a => DisplayFormat.Address(a.Alias)),
            ListColumn.Text<AliasEntry>("target", "Goes to", static a => a.Targets.Count > 0 ? DisplayFormat.Address(a.Targets[0]) : ""),
        ],
        Filters =
        [
            ListFilter.Values<AliasEntry>("domain", "Domain", static a => a.Alias.Domain, DisplayFormat.Domain),
            ListFilter.Fixed<AliasEntry>(
                "kind", "Kind", new("one", "one target", static a => a.Targets.Count == 1), new("several", "several targets", static a => a.Targets.Count > 1), new("catch-all", "catch-all", static a => a.Alias.IsCatchAll)),
        ],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<AliasesView, ListPage<AliasEntry>>(
            "Aliases", List.Read(request, await request.Services.Administration.ListAliasesAsync(null, request.Cancel)))),
        PageRoute.Post("/admin/aliases/add", PageAudience.Administrators, AddAsync, Path).About("address"),
        PageRoute.Post("/admin/aliases/remove", PageAudience.Administrators, RemoveAsync, Path).Confirmed(
            "Remove", ["address"], static r => $"Remove {NameOf(r)}?", static _ => "Mail for this address is then refused.", NameOf),
    ];

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        AliasAddress? alias = null;
        List<EmailAddress> targets = [];
        PageException.CheckAll(() => alias = AliasOf(request), () => targets = TargetsOf(request));
        var added = await request.Services.Administration.AddAliasAsync(alias!, targets, request.Cancel);
        var rest = added.Count < targets.Count ? $" The other {(targets.Count - added.Count == 1 ? "address" : "addresses")} had been added before." : "";
        return request.RedirectWithNotice($"Mail for {alias} is forwarded to {string.Join(", ", added)}.{rest}");
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
