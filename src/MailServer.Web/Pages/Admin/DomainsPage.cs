using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>The domains, and the DNS records that each should publish.</summary>
internal static class DomainsPage
{
    private const string Path = "/admin/domains";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<DomainsView, Paged<DomainEntry>>(
            "Domains", Paged.Of<DomainEntry>(await request.Services.Administration.ListDomainsAsync(request.Cancel), request.PageNumber))),
        PageRoute.Get("/admin/domains/records", PageAudience.Administrators, RecordsAsync),
        PageRoute.Post("/admin/domains/add", PageAudience.Administrators, AddAsync, Path).About("domain"),
        PageRoute.Post("/admin/domains/remove", PageAudience.Administrators, RemoveAsync, Path).Confirmed(
            "Remove", ["domain"], static r => $"Remove {DisplayFormat.Domain(r.Key("domain"))}?", static _ => "Mail for the domain is then refused, and its aliases are deleted. Remove its accounts first.",
            static r => DisplayFormat.Domain(r.Key("domain"))),
    ];

    private static async Task<PageResult> RecordsAsync(PageRequest request)
    {
        var name = request.Query("domain");
        if (!await request.Services.Directory.IsHostedAsync(name, request.Cancel)) throw PageException.NotFound();
        var isChecked = request.Query("check") == "yes";
        var records = isChecked
            ? await request.Services.CheckRecords(name, request.Cancel)
            : [.. (await request.Services.Records(name, request.Cancel)).Select(static r => new DnsRecordState(r, [], ""))];
        return PageResult.Render<RecordsView, DnsRecordsModel>($"DNS of {DisplayFormat.Domain(name)}", new DnsRecordsModel(name, records, isChecked));
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var domain = request.Field("domain");
        // A domain with accounts is refused: each account must be removed by name first.
        await request.Services.Administration.RemoveDomainAsync(domain, withAccounts: false, request.Cancel);
        return request.RedirectWithNotice($"{DisplayFormat.Domain(domain)} is removed. This server no longer receives mail for it.");
    }

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        var text = request.Field("domain").Trim();
        if (!EmailAddress.TryNormalizeDomain(text, out var domain) || domain[0] == '[') throw PageException.Invalid($"“{text}” is not a domain name.", "domain");
        await request.Services.Administration.AddDomainAsync(domain, request.Cancel);
        var records = DisplayFormat.Link("/admin/domains/records", "domain", domain);
        try
        {
            request.Services.Dkim.CreateFirst(domain);
        }
        catch (PageException e)
        {
            return request.RedirectWithFault($"{domain} has been added, but its DKIM key could not be created: {e.Message}", records);
        }

        return request.RedirectWithNotice($"{DisplayFormat.Domain(domain)} has been added. Publish these records in DNS:", records);
    }
}

/// <summary>The DNS records of a domain.</summary>
public sealed record DnsRecordsModel(string Domain, IReadOnlyList<DnsRecordState> Records, bool IsChecked);
