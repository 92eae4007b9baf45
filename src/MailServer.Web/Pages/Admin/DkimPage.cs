namespace MailServer.Web.Pages.Admin;

/// <summary>The DKIM keys of a domain: which sign, whether their records are published, and their rotation.</summary>
internal static class DkimPage
{
    private const string Path = "/admin/domains/dkim";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, ShowAsync),
        Change("/rotate", static (request, domain) =>
        {
            request.Services.Dkim.Rotate(domain);
            return Task.FromResult("The next keys have been created. Publish their records, then activate them.");
        }),
        Change("/activate", static async (request, domain) =>
        {
            await request.Services.Dkim.ActivateAsync(domain, request.Cancel);
            return $"Mail from {domain} is now signed with the new keys. Leave the records of the old keys in DNS for a week.";
        }),
        Change("/retire", static (request, domain) =>
        {
            request.Services.Dkim.Retire(domain, request.Field("selector"));
            return Task.FromResult($"The key {request.Field("selector")} no longer signs.");
        }).Confirmed(
            "Retire", ["domain", "selector"], static r => $"Retire the key {r.Key("selector")}?", static _ => "The server stops signing with this key. The only key that signs is kept."),
    ];

    private static PageRoute Change(string action, Func<PageRequest, string, Task<string>> change) =>
        PageRoute.Post(Path + action, PageAudience.Administrators, async request =>
        {
            var domain = await HostedAsync(request, request.Field("domain"));
            request.ReturnPath = PathOf(domain);
            return request.RedirectWithNotice(await change(request, domain));
        }, "/admin/domains");

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var domain = await HostedAsync(request, request.Query("domain"));
        var isChecked = request.Query("check") == "yes";
        return PageResult.Render<DkimView, DkimModel>($"DKIM keys of {DisplayFormat.Domain(domain)}", new DkimModel(domain, await request.Services.Dkim.ListAsync(domain, isChecked, request.Cancel), isChecked));
    }

    private static async Task<string> HostedAsync(PageRequest request, string domain) =>
        await request.Services.Directory.IsHostedAsync(domain, request.Cancel) ? domain : throw PageException.NotFound();

    private static string PathOf(string domain) => DisplayFormat.Link(Path, "domain", domain);
}

/// <summary>The DKIM keys of a domain.</summary>
public sealed record DkimModel(string Domain, IReadOnlyList<DkimKeyEntry> Keys, bool IsChecked);
