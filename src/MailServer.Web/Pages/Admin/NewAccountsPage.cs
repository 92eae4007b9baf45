using System.Globalization;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Web.Pages.Self;

namespace MailServer.Web.Pages.Admin;

/// <summary>New accounts and new passwords: given, generated, or chosen by the user with the link of an invitation; several accounts from a file.</summary>
internal static class NewAccountsPage
{
    private const string Import = "/admin/accounts/import";
    private const int MostFaults = 50;

    /// <summary>The choices for the validity of an invitation, in days; the first is the default.</summary>
    private static readonly string[] Days = ["7", "1", "30"];

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Post("/admin/accounts/add", PageAudience.Administrators, AddAsync, AccountsPage.Path).About("address"),
        PageRoute.Post("/admin/accounts/password", PageAudience.Administrators, SetPasswordAsync, AccountsPage.Path).WithPassword() with { ReturnPathSelector = AccountsPage.OnePage },
        PageRoute.Post("/admin/accounts/invitation/add", PageAudience.Administrators, InviteAsync, AccountsPage.Path).WithPassword().About("days") with { ReturnPathSelector = AccountsPage.OnePage },
        PageRoute.Post("/admin/accounts/invitation/remove", PageAudience.Administrators, static async request =>
        {
            await request.Services.Administration.RemoveInvitationAsync(request.Address("address"), request.Cancel);
            return request.RedirectWithNotice("The link of the invitation no longer works.");
        }, AccountsPage.Path) with { ReturnPathSelector = AccountsPage.OnePage },
        PageRoute.Get(Import, PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<ImportAccountsView, ImportAccountsModel>(
            "Add several accounts", new ImportAccountsModel([], IsDry: false, request.Services.Clients.WebRoot, request.Services.Limits.PageImportedAccounts)))),
        PageRoute.Post(Import, PageAudience.Administrators, ImportAsync, Import).About("file") with { HasFile = true },
    ];

    private static async Task<PageResult> AddAsync(PageRequest request)
    {
        var (how, password) = (request.Field("how"), request.Field("new"));
        if (how.Length == 0) how = "password";
        EmailAddress? address = null;
        PageException.CheckAll(
            () => address = request.Address("address"),
            () =>
            {
                if (how != "password" && password.Length > 0) throw PageException.Invalid("Leave this empty, or choose “the password below”.", "new");
                if (how == "password") SecurityPage.Check(password, address);
            },
            () =>
            {
                if (how == "invite") CheckMayInvite(request, "how");
                else if (how is not ("password" or "generate")) throw PageException.Invalid("Choose where the password comes from.", "how");
            });
        switch (how)
        {
            case "invite":
                var (secret, invitation) = NewInvitation(request, Days[0], "how");
                await request.Services.Administration.AddAccountsAsync([new NewAccount(address!, request.Services.HashUnknown()) { Invitation = invitation }], request.Cancel);
                return ShowLink(request, address!, secret, invitation);
            case "generate":
                var generated = GeneratedPassword.New();
                await request.Services.Administration.AddAccountAsync(address!, await SecurityPage.HashAsync(request, generated, address!), request.Cancel);
                return ShowPassword(request, address!, generated);
            default:
                await request.Services.Administration.AddAccountAsync(address!, await SecurityPage.HashAsync(request, password, address!), request.Cancel);
                return request.RedirectWithNotice($"{address} can sign in and receive mail.");
        }
    }

    private static async Task<PageResult> SetPasswordAsync(PageRequest request)
    {
        var (address, given) = (request.Address("address"), request.Field("new"));
        var password = given.Length == 0 ? GeneratedPassword.New() : given;
        await request.Services.Administration.SetPasswordAsync(address, await SecurityPage.HashAsync(request, password, address), request.Cancel);
        return given.Length == 0 ? ShowPassword(request, address, password) : request.RedirectWithNotice("The password is set. Browsers that were signed in are signed out.");
    }

    private static async Task<PageResult> InviteAsync(PageRequest request)
    {
        var address = request.Address("address");
        var (secret, invitation) = NewInvitation(request, request.Field("days"), "days");
        await request.Services.Administration.AddInvitationAsync(address, invitation, request.Cancel);
        return ShowLink(request, address, secret, invitation);
    }

    private static async Task<PageResult> ImportAsync(PageRequest request)
    {
        var how = request.Field("how");
        var isDry = request.Field("what") != "add";
        if (how == "invite") CheckMayInvite(request, "how");
        var octets = await request.FileAsync("file");
        if (octets.Length > request.Services.Limits.PageForm) throw PageException.Invalid($"The file is larger than {DisplayFormat.Octets(request.Services.Limits.PageForm)}. The command “mailserver user import” reads larger ones.", "file");
        var read = AccountFile.Read(Encoding.UTF8.GetString(octets));
        if (read.Count == 0) throw PageException.Invalid("The file has no accounts.", "file");
        var services = request.Services;
        var import = new AccountImport(services.Directory, services.Administration, services.Hash, services.HashUnknown, services.Time);
        var options = new AccountImportOptions { IsDry = isDry, InvitationLifetime = how == "invite" ? Invitation.DefaultLifetime : null, Most = services.Limits.PageImportedAccounts };
        var lines = await Task.Run(() => import.RunAsync(read, options, request.Cancel));
        var faults = lines.Where(static l => l.Outcome == AccountImportOutcome.Faulty).ToList();
        if (faults.Count > 0) Refuse(faults);
        return PageResult.Render<ImportAccountsView, ImportAccountsModel>(
            isDry ? "The file is in order" : "The accounts are added", new ImportAccountsModel(lines, isDry, services.Clients.WebRoot, services.Limits.PageImportedAccounts), hasSecret: !isDry);
    }

    /// <summary>Reports every faulty line.</summary>
    private static void Refuse(List<AccountImportLine> faults)
    {
        var told = faults.Take(MostFaults).Select(static f => string.Create(CultureInfo.InvariantCulture, $"Line {f.Number}: {f.Reason}.")).ToList();
        if (faults.Count > MostFaults) told.Add($"There are {DisplayFormat.Count(faults.Count - MostFaults, "more faulty line")}.");
        told.Insert(0, "Nothing was added.");
        PageException.CheckAll([.. told.Select(static t => (Action)(() => throw PageException.Invalid(t, "file")))]);
    }

    private static (string Secret, NewInvitation Invitation) NewInvitation(PageRequest request, string days, string field)
    {
        if (!Days.Contains(days, StringComparer.Ordinal)) throw PageException.Invalid("Choose how long the link is valid.", field);
        CheckMayInvite(request, field);
        var secret = InvitationSecret.New();
        return (secret, new NewInvitation(InvitationSecret.DigestOf(secret)!, request.Services.Time.GetUtcNow().AddDays(int.Parse(days, CultureInfo.InvariantCulture))));
    }

    private static void CheckMayInvite(PageRequest request, string field)
    {
        if (request.Services.Clients.HttpsPort == 0) throw PageException.Invalid("A link needs HTTPS: set “https_port” or “dav_port” in the configuration.", field);
    }

    private static PageResult ShowPassword(PageRequest request, EmailAddress address, string password) => PageResult.Render<NewPasswordView, NewPasswordModel>(
        $"The password of {DisplayFormat.Address(address)}", new NewPasswordModel(address.ToString(), password, request.Services.Clients.WebRoot), hasSecret: true);

    private static PageResult ShowLink(PageRequest request, EmailAddress address, string secret, NewInvitation invitation) => PageResult.Render<NewInvitationView, NewInvitationModel>(
        $"A link for {DisplayFormat.Address(address)}", new NewInvitationModel(address.ToString(), request.Services.Clients.WebRoot + InvitationSecret.PathAndName + secret, invitation.ExpiresAt), hasSecret: true);
}

/// <summary>A generated password, which is shown only once.</summary>
public sealed record NewPasswordModel(string Address, string Password, string WebRoot)
{
    public override string ToString() => $"NewPasswordModel {{ Address = {Address} }}";
}

/// <summary>The link of an invitation, which is shown only once.</summary>
public sealed record NewInvitationModel(string Address, string Link, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"NewInvitationModel {{ Address = {Address} }}";
}

/// <summary>The result of a file with accounts; no lines: none was sent yet.</summary>
public sealed record ImportAccountsModel(IReadOnlyList<AccountImportLine> Lines, bool IsDry, string WebRoot, int Most)
{
    /// <summary>What the user of a new account needs: the generated password or the link.</summary>
    public string? SecretOf(AccountImportLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Password ?? (line.Invitation is { } secret ? WebRoot + InvitationSecret.PathAndName + secret : null);
    }

    public override string ToString() => nameof(ImportAccountsModel);
}
