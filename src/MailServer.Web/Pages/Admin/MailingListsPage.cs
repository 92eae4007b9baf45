using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.Admin;

/// <summary>The mailing lists, and the page of one.</summary>
internal static class MailingListsPage
{
    public const string Path = "/admin/lists";
    private const string One = "/admin/lists/show";
    private const string ToList = "list";

    private static readonly ListOf<MailingList> List = new(Path, static l => [l.Address.ToString(), DisplayFormat.Address(l.Address), l.Settings.Name, DisplayFormat.Address(l.Settings.Owner), .. l.Members.Select(DisplayFormat.Address)])
    {
        Columns =
        [
            ListColumn.Text<MailingList>("address", "List", static l => DisplayFormat.Address(l.Address)),
            ListColumn.Text<MailingList>("name", "Name", static l => l.Settings.Name),
            ListColumn.Value<MailingList, int>("members", "Members", static l => l.Members.Count, isNumber: true),
            ListColumn.Text<MailingList>("owner", "Owner", static l => DisplayFormat.Address(l.Settings.Owner)),
            ListColumn.Text<MailingList>("state", "State", static l => l.Enabled ? "enabled" : "disabled"),
        ],
        Filters =
        [
            ListFilter.Values<MailingList>("domain", "Domain", static l => l.Address.Domain, DisplayFormat.Domain),
            ListFilter.Fixed<MailingList>("state", "State", new("enabled", "enabled", static l => l.Enabled), new("disabled", "disabled", static l => !l.Enabled)),
        ],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<MailingListsView, ListPage<MailingList>>(
            "Mailing lists", List.Read(request, await request.Services.Administration.ListMailingListsAsync(null, request.Cancel)))),
        PageRoute.Get(One, PageAudience.Administrators, ShowAsync),
        PageRoute.Post("/admin/lists/add", PageAudience.Administrators, AddAsync, Path).About("address"),
        PageRoute.Post("/admin/lists/remove", PageAudience.Administrators, RemoveAsync, Path).Confirmed(
            "Remove", ["address"], static r => $"Remove {NameOf(r)}?", static _ => "Mail for this address is then refused. The mail of the members is kept.", NameOf),
        Change("settings", SetAsync).About("owner"),
        Change("members/add", AddMembersAsync).About("members"),
        Change("members/remove", static async (request, list) =>
        {
            var member = request.Address("member");
            await request.Services.Administration.RemoveListMemberAsync(list, member, request.Cancel);
            return $"{DisplayFormat.Address(member)} is no longer a member.";
        }),
        Change("enable", static async (request, list) => await request.Services.Administration.SetListEnabledAsync(list, true, request.Cancel)
            ? "The list takes mail again."
            : "Nothing changed: the list is enabled already."),
        Change("disable", static async (request, list) => await request.Services.Administration.SetListEnabledAsync(list, false, request.Cancel)
            ? "Mail for the list is refused until you enable it again."
            : "Nothing changed: the list is disabled already.").Confirmed(
                "Disable", ["address"], static r => $"Disable {NameOf(r)}?", static _ => "Mail for this address is then refused. Its members and settings are kept."),
    ];

    private static PageRoute Change(string what, Func<PageRequest, EmailAddress, Task<string>> change) =>
        PageRoute.Post($"/admin/lists/{what}", PageAudience.Administrators, async request => request.RedirectWithNotice(await change(request, request.Address("address"))), Path) with
        { ReturnPathSelector = static request => DisplayFormat.Link(One, "address", request.Key("address").Trim()) };

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        if (!EmailAddress.TryParse(request.Query("address").Trim(), out var address)) throw PageException.NotFound();
        var found = (await request.Services.Administration.ListMailingListsAsync(address.Domain, request.Cancel)).FirstOrDefault(l => l.Address.Equals(address)) ?? throw PageException.NotFound();
        return PageResult.Render<MailingListView, MailingList>(DisplayFormat.Address(found.Address), found);
    }

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        EmailAddress? list = null, owner = null;
        List<EmailAddress> members = [];
        PageException.CheckAll(() => list = request.Address("address"), () => owner = request.Address("owner"), () => members = MembersOf(request));
        await request.Services.Administration.AddListAsync(list!, new MailingListSettings(owner!), members, request.Cancel);
        return request.RedirectWithNotice($"{DisplayFormat.Address(list!)} is added. Choose here who may write to it and where answers go.", DisplayFormat.Link(One, "address", list!.ToString()));
    }

    private static async Task<string> SetAsync(PageRequest request, EmailAddress list)
    {
        EmailAddress? owner = null;
        var posting = ListPosting.Members;
        PageException.CheckAll(
            () => owner = request.Address("owner"),
            () => _ = MailingList.IsName(request.Field("name").Trim()) ? true : throw PageException.Invalid($"Write one line of at most {MailingList.LongestName} characters.", "name"),
            () => posting = MailingListText.TryParse(request.Field("post"), out var who) ? who : throw PageException.Invalid("Choose who may write.", "post"));
        var settings = new MailingListSettings(owner!) { Name = request.Field("name").Trim(), Posting = posting, RepliesToList = request.Field("replies") == ToList };
        return await request.Services.Administration.SetListAsync(list, settings, request.Cancel) ? "The settings are saved." : "Nothing changed: the list has these settings already.";
    }

    private static async Task<string> AddMembersAsync(PageRequest request, EmailAddress list)
    {
        var members = MembersOf(request);
        if (members.Count == 0) throw PageException.Invalid("Write the address of the new member.", "members");
        var added = await request.Services.Administration.AddListMembersAsync(list, members, request.Cancel);
        return added.Count == 0 ? "Nothing changed: they are members already." : $"{string.Join(", ", added.Select(DisplayFormat.Address))} {(added.Count == 1 ? "is a member" : "are members")} now.";
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var list = request.Address("address");
        await request.Services.Administration.RemoveListAsync(list, request.Cancel);
        return request.RedirectWithNotice($"{DisplayFormat.Address(list)} is removed.");
    }

    private static string NameOf(PageRequest request) => EmailAddress.TryParse(request.Key("address").Trim(), out var list) ? DisplayFormat.Address(list) : throw PageException.NotFound();

    private static List<EmailAddress> MembersOf(PageRequest request)
    {
        var words = request.Field("members").Split([' ', ',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length > MailingList.MostMembers) throw PageException.Invalid($"A list has at most {MailingList.MostMembers} members.", "members");
        return [.. words.Select(static w => EmailAddress.TryParse(w, out var address) ? address : throw PageException.Invalid($"“{w}” is not an email address.", "members"))];
    }
}
