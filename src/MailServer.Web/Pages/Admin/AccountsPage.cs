using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Web.Pages.Self;

namespace MailServer.Web.Pages.Admin;

/// <summary>The list of accounts, and the page of one account.</summary>
internal static class AccountsPage
{
    private const string Path = "/admin/accounts";
    private const string One = "/admin/accounts/show";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, ListAsync),
        PageRoute.Get(One, PageAudience.Administrators, ShowAsync),
        PageRoute.Post("/admin/accounts/add", PageAudience.Administrators, AddAsync, Path),
        PageRoute.Post("/admin/accounts/remove", PageAudience.Administrators, RemoveAsync, Path),
        Change("password", static async (request, address) =>
        {
            await request.Services.Administration.SetPasswordAsync(address, await SecurityPage.HashAsync(request, request.Field("new"), address), request.Cancel);
            return "The password is set. Browsers that were signed in are signed out.";
        }).WithPassword(OnePage),
        Change("quota", SetQuotaAsync),
        Change("enable", static async (request, address) =>
        {
            return await request.Services.Administration.SetEnabledAsync(address, true, request.Cancel)
                ? "The account can sign in and receive mail again."
                : Unchanged("the account is enabled already");
        }),
        Change("disable", static async (request, address) =>
        {
            NotOneself(request, address, "You cannot disable your own account.");
            return await request.Services.Administration.SetEnabledAsync(address, false, request.Cancel)
                ? "The account can no longer sign in or receive mail. Its mail is kept."
                : Unchanged("the account is disabled already");
        }),
        Change("device", static async (request, address) =>
        {
            await request.Services.Administration.RemoveAppPasswordAsync(address, request.Field("name"), request.Cancel);
            return $"“{request.Field("name")}” can no longer sign in.";
        }),
        Change("codes", static async (request, address) =>
        {
            return await request.Services.Administration.SetTotpAsync(address, null, request.Cancel)
                ? "The account signs in to its page without a code from now on."
                : Unchanged("the account has no codes");
        }).WithPassword(OnePage),
        Change("grant", static async (request, address) =>
        {
            return await request.Services.Administration.SetAdminAsync(address, true, request.Cancel)
                ? $"{address} is now an administrator."
                : Unchanged("the account is an administrator already");
        }).WithPassword(OnePage),
        Change("revoke", static async (request, address) =>
        {
            NotOneself(request, address, "You cannot remove your own administrator role.");
            return await request.Services.Administration.SetAdminAsync(address, false, request.Cancel)
                ? $"{address} is no longer an administrator."
                : Unchanged("the account is not an administrator");
        }),
    ];

    private static async Task<PageResult> ListAsync(PageRequest request)
    {
        var only = request.Query("domain") is { Length: > 0 } domain ? domain : null;
        var accounts = await request.Services.Administration.ListAccountsAsync(only, request.Cancel);
        return PageResult.Render<AccountsView, AccountsModel>("Accounts", new AccountsModel(Paged.Of<Account>(accounts, request.PageNumber), only));
    }

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var credentials = EmailAddress.TryParse(request.Query("address"), out var address) ? await request.Services.Directory.FindLoginAsync(address, request.Cancel) : null;
        if (credentials is null) throw PageException.NotFound();
        var folders = await request.Services.Mailboxes.FoldersAsync(credentials.Account.Id, request.Cancel) ?? [];
        return PageResult.Render<AccountView, AccountModel>(DisplayFormat.Address(credentials.Account.Address), new AccountModel(
            credentials, folders.Sum(static f => f.Status.Size), folders.Sum(static f => (long)f.Status.Messages), credentials.Account.Id == request.Account.Id));
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var address = request.Address("address");
        request.ReturnPath = DisplayFormat.Link(One, "address", address.ToString());
        NotOneself(request, address, "You cannot remove your own account.");
        request.RequireTyped(DisplayFormat.Address(address));
        await request.Services.Administration.RemoveAccountAsync(address, request.Cancel);
        return request.RedirectWithNotice($"{address} is removed. Its mail is still on the disk.", Path);
    }

    private static async Task<string> SetQuotaAsync(PageRequest request, EmailAddress address)
    {
        long? quota = request.Field("size").Trim() switch
        {
            "" => null,
            "none" => 0,
            var text => QuotaSize.TryParse(text, out var octets) ? octets : throw PageException.Invalid("Write a size such as 500M or 5G, “none”, or nothing."),
        };
        return await request.Services.Administration.SetQuotaAsync(address, quota, request.Cancel)
            ? "The quota is set. It applies from the next message."
            : Unchanged("the account has this quota already");
    }

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        var address = request.Address("address");
        await request.Services.Administration.AddAccountAsync(address, await SecurityPage.HashAsync(request, request.Field("new"), address), request.Cancel);
        return request.RedirectWithNotice($"{address} can sign in and receive mail.");
    }

    private static string Unchanged(string why) => $"Nothing changed: {why}.";

    private static string OnePage(PageRequest request) => DisplayFormat.Link(One, "address", request.Address("address").ToString());

    private static PageRoute Change(string what, Func<PageRequest, EmailAddress, Task<string>> change) =>
        PageRoute.Post($"/admin/accounts/{what}", PageAudience.Administrators, async request =>
        {
            var address = request.Address("address");
            request.ReturnPath = OnePage(request);
            return request.RedirectWithNotice(await change(request, address));
        }, Path);

    private static void NotOneself(PageRequest request, EmailAddress address, string refusal)
    {
        if (address.Equals(request.Account.Address)) throw PageException.Invalid(refusal);
    }
}

/// <summary>The accounts of one domain or of all domains.</summary>
public sealed record AccountsModel(Paged<Account> Accounts, string? Domain);

/// <summary>One account from the viewpoint of an administrator, without the content of its mail.</summary>
public sealed record AccountModel(AccountCredentials Credentials, long MailOctets, long Messages, bool IsOwnAccount)
{
    public Account Account => Credentials.Account;
}
