using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>The list of accounts, and the page of one account.</summary>
internal static class AccountsPage
{
    public const string Path = "/admin/accounts";
    private const string One = "/admin/accounts/show";

    private static readonly ListOf<Account> List = new(Path, static a => [a.Address.ToString(), DisplayFormat.Address(a.Address)])
    {
        Columns =
        [
            ListColumn.Text<Account>("address", "Address", static a => DisplayFormat.Address(a.Address)),
            ListColumn.Text<Account>("state", "State", static a => (a.Enabled ? "enabled" : "disabled") + (a.IsAdmin ? " administrator" : "")),
            ListColumn.Value("since", "Since", static (Account a) => a.CreatedAt),
        ],
        Filters =
        [
            ListFilter.Values<Account>("domain", "Domain", static a => a.Address.Domain, DisplayFormat.Domain),
            ListFilter.Fixed<Account>("state", "State", new("enabled", "enabled", static a => a.Enabled), new("disabled", "disabled", static a => !a.Enabled), new("admin", "administrators", static a => a.IsAdmin)),
        ],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, ListAsync),
        PageRoute.Get(One, PageAudience.Administrators, ShowAsync),
        Asking(PageRoute.Post("/admin/accounts/remove", PageAudience.Administrators, RemoveAsync, Path), "Remove", "Remove {0}?",
            "The account and its app passwords are deleted, and it is removed from all aliases. Its mail stays on the disk.", static r => DisplayFormat.Address(AddressOf(r))),
        Change("quota", SetQuotaAsync).About("size"),
        Change("enable", static async (request, address) =>
        {
            if (!await request.Services.Administration.SetEnabledAsync(address, true, request.Cancel)) return Unchanged("the account is enabled already");
            return (await request.Services.Administration.RequireDomainAsync(address.Domain, request.Cancel)).Enabled
                ? "The account can sign in and receive mail again."
                : "The account is enabled. It can sign in and receive mail when its domain is enabled too.";
        }),
        Asking(Change("disable", static async (request, address) =>
        {
            NotOneself(request, address, "You cannot disable your own account.");
            return await request.Services.Administration.SetEnabledAsync(address, false, request.Cancel)
                ? "The account can no longer sign in or receive mail. Its mail is kept."
                : Unchanged("the account is disabled already");
        }), "Disable", "Disable {0}?", "The account can then neither sign in nor receive mail. Its mail is kept."),
        Change("device", static async (request, address) =>
        {
            await request.Services.Administration.RemoveAppPasswordAsync(address, request.Field("name"), request.Cancel);
            return $"“{request.Field("name")}” can no longer sign in.";
        }).Confirmed("Revoke", ["address", "name"], static r => $"Revoke the password of “{r.Key("name")}”?", static r => $"The device of {r.Key("address")} can no longer sign in until it is set up again."),
        Asking(Change("codes", static async (request, address) =>
        {
            return await request.Services.Administration.SetTotpAsync(address, null, request.Cancel)
                ? "The account signs in to its page without a code from now on."
                : Unchanged("the account has no codes");
        }).WithPassword(), "Turn codes off", "Turn off the codes of {0}?", "Use this if the user lost their phone. They can then sign in with the password only."),
        Asking(Change("grant", static async (request, address) =>
        {
            return await request.Services.Administration.SetAdminAsync(address, true, request.Cancel)
                ? $"{address} is now an administrator."
                : Unchanged("the account is an administrator already");
        }).WithPassword(), "Make an administrator", "Make {0} an administrator?", "This user will be able to see and change everything on this page."),
        Asking(Change("revoke", static async (request, address) =>
        {
            NotOneself(request, address, "You cannot remove your own administrator role.");
            return await request.Services.Administration.SetAdminAsync(address, false, request.Cancel)
                ? $"{address} is no longer an administrator."
                : Unchanged("the account is not an administrator");
        }), "Make an ordinary user", "Make {0} an ordinary user?", "They will see only their own account."),
    ];

    private static async Task<PageResult> ListAsync(PageRequest request)
    {
        return PageResult.Render<AccountsView, ListPage<Account>>("Accounts", List.Read(request, await request.Services.Administration.ListAccountsAsync(null, request.Cancel)));
    }

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var credentials = EmailAddress.TryParse(request.Query("address"), out var address) ? await request.Services.Directory.FindLoginAsync(address, request.Cancel) : null;
        if (credentials is null) throw PageException.NotFound();
        var folders = await request.Services.Mailboxes.FoldersAsync(credentials.Account.Id, request.Cancel) ?? [];
        var invitation = (await request.Services.Administration.ListInvitationsAsync(request.Cancel)).FirstOrDefault(i => i.Address.Equals(credentials.Account.Address));
        return PageResult.Render<AccountView, AccountModel>(DisplayFormat.Address(credentials.Account.Address), new AccountModel(
            credentials, invitation, folders.Sum(static f => f.Status.Size), folders.Sum(static f => (long)f.Status.Messages), credentials.Account.Id == request.Account.Id));
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var address = request.Address("address");
        NotOneself(request, address, "You cannot remove your own account.");
        await request.Services.Administration.RemoveAccountAsync(address, request.Cancel);
        return request.RedirectWithNotice($"{address} is removed. Its mail is still on the disk.", Path);
    }

    private static async Task<string> SetQuotaAsync(PageRequest request, EmailAddress address)
    {
        long? quota = request.Field("size").Trim() switch
        {
            "" => null,
            "none" => 0,
            var text => QuotaSize.TryParse(text, out var octets) ? octets : throw PageException.Invalid("Write a size such as 500M or 5G, “none”, or nothing.", "size"),
        };
        return await request.Services.Administration.SetQuotaAsync(address, quota, request.Cancel)
            ? "The quota is set. It applies from the next message."
            : Unchanged("the account has this quota already");
    }

    private static string Unchanged(string why) => $"Nothing changed: {why}.";

    public static string OnePage(PageRequest request) => DisplayFormat.Link(One, "address", AddressOf(request).ToString());

    private static EmailAddress AddressOf(PageRequest request) => EmailAddress.TryParse(request.Key("address").Trim(), out var address) ? address : throw PageException.NotFound();

    /// <summary>An action that asks first.</summary>
    private static PageRoute Asking(PageRoute action, string button, string title, string consequence, Func<PageRequest, string>? typed = null) => action
        .Confirmed(button, ["address"], r => string.Format(System.Globalization.CultureInfo.InvariantCulture, title, DisplayFormat.Address(AddressOf(r))), _ => consequence, typed);

    private static PageRoute Change(string what, Func<PageRequest, EmailAddress, Task<string>> change) =>
        PageRoute.Post($"/admin/accounts/{what}", PageAudience.Administrators, async request =>
        {
            var address = request.Address("address");
            return request.RedirectWithNotice(await change(request, address));
        }, Path) with
        { ReturnPathSelector = OnePage };

    private static void NotOneself(PageRequest request, EmailAddress address, string refusal)
    {
        if (address.Equals(request.Account.Address)) throw PageException.Invalid(refusal);
    }
}

/// <summary>One account from the viewpoint of an administrator, without the content of its mail.</summary>
public sealed record AccountModel(AccountCredentials Credentials, Invitation? Invitation, long MailOctets, long Messages, bool IsOwnAccount)
{
    public Account Account => Credentials.Account;
}
