using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>The domains, and the DNS records that each should publish.</summary>
internal static class DomainsPage
{
    private const string Path = "/admin/domains";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageAnswer.Show<DomainsView, Paged<DomainEntry>>(
            "Domains", Paged.Of<DomainEntry>(await request.Services.Administration.ListDomainsAsync(request.Cancel), request.Number))),
        PageRoute.Get("/admin/domains/records", PageAudience.Administrators, RecordsAsync),
        PageRoute.Post("/admin/domains/add", PageAudience.Administrators, AddAsync, Path),
        PageRoute.Post("/admin/domains/remove", PageAudience.Administrators, RemoveAsync, Path),
    ];

    private static async Task<PageAnswer> RecordsAsync(PageRequest request)
    {
        var name = request.Query("domain");
        if (!await request.Services.Directory.IsHostedAsync(name, request.Cancel)) throw PageException.NotFound();
        var isChecked = request.Query("check") == "yes";
        var records = isChecked
            ? await request.Services.CheckRecords(name, request.Cancel)
            : [.. request.Services.Records(name).Select(static r => new RecordState(r, [], ""))];
        return PageAnswer.Show<RecordsView, RecordsModel>($"DNS of {name}", new RecordsModel(name, records, isChecked));
    }

    private static async Task<PageAnswer> RemoveAsync(PageRequest request)
    {
        var domain = request.Field("domain");
        request.RequireTyped(domain);
        // A domain with accounts is refused: each account must be removed by name first.
        await request.Services.Administration.RemoveDomainAsync(domain, withAccounts: false, request.Cancel);
        return request.Done($"Mail for {domain} is received here no more.");
    }

    private static async Task<PageAnswer> AddAsync(PageRequest request)
    {
        var text = request.Field("domain").Trim();
        if (!EmailAddress.TryNormalizeDomain(text, out var domain) || domain[0] == '[') throw PageException.Wrong($"“{text}” is not a domain name.");
        await request.Services.Administration.AddDomainAsync(domain, request.Cancel);
        return request.Done($"Mail for {domain} is received here from now on. These records make the world know.", Words.Link("/admin/domains/records", "domain", domain));
    }
}

/// <summary>The DNS records of a domain.</summary>
public sealed record RecordsModel(string Domain, IReadOnlyList<RecordState> Records, bool IsChecked);
