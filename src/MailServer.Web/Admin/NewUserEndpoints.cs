using System.Globalization;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>What the endpoints for new users need.</summary>
/// <param name="Directory">Lookups.</param>
/// <param name="Administration">Changes.</param>
/// <param name="Hash">Hashes a password; null if it cannot be used.</param>
/// <param name="HashUnknown">Hashes a random password that nobody knows.</param>
/// <param name="WebRoot">The base URL of links; null without HTTPS.</param>
/// <param name="Most">The largest number of accounts that one file adds.</param>
/// <param name="Time">The clock.</param>
public sealed record NewUserServices(
    IDirectory Directory, IDirectoryAdministration Administration, Func<string, StoredPassword?> Hash, Func<StoredPassword> HashUnknown, string? WebRoot, int Most, TimeProvider Time);

/// <summary>
/// <c>PUT users/{address}?mode=generate|invite</c>, <c>POST users/import</c>, <c>GET invitations</c>, <c>POST</c> and <c>DELETE users/{address}/invitation</c>.
/// </summary>
public static class NewUserEndpoints
{
    private const string NoHttps = "a link needs HTTPS: set server.https_port or server.dav_port";
    private const int LargestFile = 1024 * 1024;

    public static void MapNewUsers(this IEndpointRouteBuilder endpoints, NewUserServices users)
    {
        ArgumentNullException.ThrowIfNull(users);
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapPut("users/{address}", context => ForAddressAsync(context, users, AddAsync));
        admin.MapPost("users/{address}/invitation", context => ForAddressAsync(context, users, InviteAsync));
        admin.MapDelete("users/{address}/invitation", context => ForAddressAsync(context, users, static async (context, users, address) =>
        {
            await users.Administration.RemoveInvitationAsync(address, context.RequestAborted);
            await RuntimeEndpoints.Answer(context, found: true);
        }));
        admin.MapGet("invitations", context => DirectoryAnswers.RunAsync(context, async () =>
        {
            var now = users.Time.GetUtcNow();
            await RuntimeEndpoints.WriteAsync(context, new InvitationListDocument([.. (await users.Administration.ListInvitationsAsync(context.RequestAborted))
                .Select(i => new InvitationDocument(i.Address.ToString(), i.StateAt(now), i.CreatedAt, i.ExpiresAt, i.UsedAt))]));
        }));
        admin.MapPost("users/import", context => ImportAsync(context, users));
    }

    private static Task ForAddressAsync(HttpContext context, NewUserServices users, Func<HttpContext, NewUserServices, EmailAddress, Task> handle)
    {
        var text = RuntimeEndpoints.Route(context, "address");
        return EmailAddress.TryParse(text, out var address)
            ? DirectoryAnswers.RunAsync(context, () => handle(context, users, address))
            : DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not an email address");
    }

    private static async Task AddAsync(HttpContext context, NewUserServices users, EmailAddress address)
    {
        if (context.Request.Query["mode"] == "generate")
        {
            var password = GeneratedPassword.New();
            await users.Administration.AddAccountAsync(address, users.Hash(password)!, context.RequestAborted);
            await RuntimeEndpoints.WriteAsync(context, new NewUserDocument(address.ToString(), password, null, null));
        }
        else if (context.Request.Query["mode"] != "invite")
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, "mode must be generate or invite");
        }
        else if (await NewInvitationAsync(context, users) is var (secret, invitation))
        {
            await users.Administration.AddAccountsAsync([new NewAccount(address, users.HashUnknown()) { Invitation = invitation }], context.RequestAborted);
            await WriteLinkAsync(context, users, address, secret, invitation);
        }
    }

    private static async Task InviteAsync(HttpContext context, NewUserServices users, EmailAddress address)
    {
        if (await NewInvitationAsync(context, users) is not var (secret, invitation)) return;
        await users.Administration.AddInvitationAsync(address, invitation, context.RequestAborted);
        await WriteLinkAsync(context, users, address, secret, invitation);
    }

    /// <summary>A new invitation; null if it was refused.</summary>
    private static async Task<(string Secret, NewInvitation Invitation)?> NewInvitationAsync(HttpContext context, NewUserServices users)
    {
        if (Lifetime(context) is not { } lifetime)
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"seconds must be 1 to {Invitation.LongestLifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture)}");
            return null;
        }

        if (users.WebRoot is null)
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, NoHttps);
            return null;
        }

        var secret = InvitationSecret.New();
        return (secret, new NewInvitation(InvitationSecret.DigestOf(secret)!, users.Time.GetUtcNow() + lifetime));
    }

    private static TimeSpan? Lifetime(HttpContext context) => context.Request.Query["seconds"].ToString() switch
    {
        "" => Invitation.DefaultLifetime,
        var text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && seconds <= Invitation.LongestLifetime.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    private static Task WriteLinkAsync(HttpContext context, NewUserServices users, EmailAddress address, string secret, NewInvitation invitation) =>
        RuntimeEndpoints.WriteAsync(context, new NewUserDocument(address.ToString(), null, users.WebRoot + InvitationSecret.PathAndName + secret, invitation.ExpiresAt));

    private static Task ImportAsync(HttpContext context, NewUserServices users) => DirectoryAnswers.RunAsync(context, async () =>
    {
        var (isDry, invites) = (context.Request.Query["dry_run"] == "true", context.Request.Query["invite"] == "true");
        if (invites && users.WebRoot is null)
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, NoHttps);
            return;
        }

        var lines = AccountFile.Read(Encoding.UTF8.GetString(await context.ReadBodyAsync(LargestFile)));
        var import = new AccountImport(users.Directory, users.Administration, users.Hash, users.HashUnknown, users.Time);
        var results = await Task.Run(() => import.RunAsync(lines, new AccountImportOptions { IsDry = isDry, InvitationLifetime = invites ? Lifetime(context) : null, Most = users.Most }, context.RequestAborted));
        var isRefused = results.Any(static r => r.Outcome == AccountImportOutcome.Faulty);
        if (isRefused) context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        await RuntimeEndpoints.WriteAsync(context, new UserImportDocument(
            isDry || isRefused ? 0 : results.Count(static r => r.Outcome == AccountImportOutcome.Added),
            [.. results.Select(r => new UserImportLineDocument(r.Number, r.Address, r.Word, r.Reason, r.Password, r.Invitation is { } secret ? users.WebRoot + InvitationSecret.PathAndName + secret : null))]));
    });
}
