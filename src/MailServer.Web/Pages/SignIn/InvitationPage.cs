using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages.SignIn;

/// <summary>The page behind the link of an invitation: its user chooses the password of the account, once. It is served only over HTTPS.</summary>
internal static class InvitationPage
{
    public const string Path = "/invitation";
    private const string Key = "key";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Anyone, ShowAsync),
        PageRoute.Post(Path, PageAudience.Anyone, AcceptAsync, "/sign-in").About("new"),
    ];

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        if (request.Query(Key).Length == 0) return new PageResult.SeeOther("/sign-in");
        try
        {
            var invitation = await RequireAsync(request, request.Query(Key));
            return PageResult.Render<InvitationView, InvitationModel>("Choose your password", new InvitationModel(DisplayFormat.Address(invitation.Address), request.Query(Key)), hasSecret: true);
        }
        catch (PageException e) when (e.Status == 422)
        {
            return PageResult.Render<InvitationEndedView, string>("This link does not work", e.Message);
        }
    }

    private static async Task<PageResult> AcceptAsync(PageRequest request)
    {
        var key = request.Field(Key);
        request.FormPath = LocationOf(key);
        var invitation = await RequireAsync(request, key);
        var password = request.Field("new");
        if (password != request.Field("again")) throw PageException.Invalid("The password and its repetition differ.", "again");
        Check(password, invitation.Address);
        var stored = await Task.Run(() => request.Services.Hash(password)) ?? throw PageException.Invalid("This password cannot be used: it is too long, or has control characters.", "new");
        if (!await request.Services.Administration.UseInvitationAsync(InvitationSecret.DigestOf(key)!, stored, request.Cancel)) throw Ended(used: true);
        request.Services.Audit.Note(new AuditEvent(request.Services.Time.GetUtcNow(), "page.request", invitation.Address.ToString(), "web", request.Peer, Path));
        return PageResult.Render<InvitedView, InvitationModel>("Your password is set", new InvitationModel(DisplayFormat.Address(invitation.Address), ""));
    }

    /// <summary>The page for a secret.</summary>
    private static string LocationOf(string key) => DisplayFormat.Link(Path, Key, key);

    /// <summary>The open invitation of a secret.</summary>
    private static async Task<Invitation> RequireAsync(PageRequest request, string key)
    {
        if (!request.Http.Request.IsHttps) throw new PageException(403, "An invitation opens over HTTPS only. Begin the address with https://.");
        if (request.Services.Bans.IsBanned(request.Peer, signsIn: true)) throw new PageException(403, "This address is kept out for a while, after too many failed attempts.");
        if (await request.Services.SignIn.FindInvitationAsync(key, request.Peer, request.Cancel) is not { } invitation)
            throw PageException.Invalid("This link is not valid. Copy it completely, or ask your administrator for a new one.");
        return invitation.HasEndedAt(request.Services.Time.GetUtcNow()) ? throw Ended(invitation.UsedAt is not null) : invitation;
    }

    private static PageException Ended(bool used) => PageException.Invalid(used
        ? "This link has been used already. Sign in with the password that was chosen with it, or ask your administrator for a new link."
        : "This link has expired. Ask your administrator for a new one.");

    private static void Check(string password, EmailAddress login)
    {
        if (PasswordRule.FindFault(password, login) is { } weakness) throw PageException.Invalid($"This password {weakness}. Choose another one.", "new");
    }
}

/// <summary>An invitation for the page of its user.</summary>
public sealed record InvitationModel(string Address, string Key)
{
    /// <summary>Omits the secret, because the text may reach a log.</summary>
    public override string ToString() => $"InvitationModel {{ Address = {Address} }}";
}
