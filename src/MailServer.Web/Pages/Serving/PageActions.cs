using MailServer.Actors.Authentication;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Dav;

namespace MailServer.Web.Pages.Serving;

/// <summary>Runs the actions of the page: each form takes effect once, and a rejected form comes back with its values and the errors.</summary>
internal sealed class PageActions(PageServices services, PageSessions sessions, PageTable pages)
{
    private static readonly string[] Subjects = ["address", "id", "name", "domain"];

    /// <summary>Runs an action. The rejected form is null if it took effect.</summary>
    public async Task<(PageResult Result, RejectedForm? Rejected)> RunAsync(PageRoute route, PageRequest request)
    {
        request.ReturnPath = ReturnPathOf(route, request);
        try
        {
            var result = await sessions.OutcomesOf(request.SignedIn).RunOnceAsync(FormOutcomes.KeyOf(route.Path, request.Posted), () => RunOnceAsync(route, request));
            return (result, null);
        }
        catch (Exception e) when (ErrorsOf(e, route.Subject) is { } errors)
        {
            var status = e is PageException { Status: 403 or >= 500 } refusal ? refusal.Status : e is TimeoutException or Akka.Actor.AskTimeoutException ? 503 : 422;
            return await ShowAgainAsync(route, request, errors, status);
        }
    }

    /// <summary>Shows the page of a form again, with the values of the form.</summary>
    public async Task<(PageResult Result, RejectedForm? Rejected)> ShowAgainAsync(PageRoute route, PageRequest request, IReadOnlyList<FieldError> errors, int status)
    {
        var rejected = new RejectedForm(request.FormAction ?? route.Path, request.Posted, errors);
        foreach (var location in PagesOf(route, request))
        {
            if (await TryRenderAsync(request, location) is { } view) return (view with { Status = status }, rejected);
        }

        return (new PageResult.RenderedView("Not possible", typeof(ErrorView), string.Join(' ', errors.Select(static e => e.Text)), status), null);
    }

    /// <summary>Renders the page of a location, if the account may open it and it can be shown.</summary>
    public async Task<PageResult.RenderedView?> TryRenderAsync(PageRequest request, string location)
    {
        if (pages.PageAt(request, location) is not { } page) return null;
        try
        {
            return await page.Handler(request.For(location)) as PageResult.RenderedView is { } view ? view with { Location = location } : null;
        }
        catch (Exception e) when (ErrorsOf(e, null) is not null)
        {
            return null;
        }
    }

    /// <summary>The text of an error that the user can act on; null for any other.</summary>
    public static string? Explain(Exception e) => ErrorsOf(e, null) is { } errors ? string.Join(' ', errors.Select(static r => r.Text)) : null;

    private IEnumerable<string> PagesOf(PageRoute route, PageRequest request)
    {
        if (route.Confirmation is not null) yield return ConfirmationPage.LocationOf(route, request);
        if (request.FormPath is { } own) yield return own;
        if (pages.OwnPage(request, request.Field(FormFields.From)) is { } from) yield return from;
        yield return request.ReturnPath;
        yield return route.ReturnPath;
    }

    private async Task<PageResult> RunOnceAsync(PageRoute route, PageRequest request)
    {
        if (route.RequiresPassword) await RequirePasswordAsync(request);
        if (route.Confirmation?.Typed?.Invoke(request) is { } name && !request.Field(FormFields.Typed).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            throw PageException.Invalid($"Nothing was removed: type “{name}” to confirm.", FormFields.Typed);
        var result = await route.Handler(request);
        if (route.Audience != PageAudience.Anyone)
            services.Audit.Note(new AuditEvent(services.Time.GetUtcNow(), "page.request", request.Account.Address.ToString(), "web", request.Peer, $"{route.Path} {SubjectOf(request)}".TrimEnd()));
        return result;
    }

    /// <summary>An action returns to the page that its form came from, with its filters, if that is the page that it returns to anyway.</summary>
    private string ReturnPathOf(PageRoute route, PageRequest request)
    {
        if (route.ReturnPathSelector is { } selector) return selector(request);
        return pages.OwnPage(request, request.Field(FormFields.From)) is { } from && PageTable.PathOf(from) == route.ReturnPath ? from : route.ReturnPath;
    }

    /// <summary>Checks the current password. Wrong passwords lead to delays and bans, as at sign-in.</summary>
    private async Task RequirePasswordAsync(PageRequest request)
    {
        switch (await services.SignIn.ConfirmAsync(request.Account, request.Field(FormFields.CurrentPassword), request.Peer))
        {
            case PageSignInResult.Accepted:
                return;
            case PageSignInResult.Unavailable:
                throw PageException.Invalid("The password cannot be checked at the moment. Try again shortly.", FormFields.CurrentPassword);
            default:
                throw PageException.Invalid("The current password is wrong.", FormFields.CurrentPassword);
        }
    }

    private static IReadOnlyList<FieldError>? ErrorsOf(Exception e, string? subject) => e switch
    {
        PageException refusal => refusal.Errors,
        DavException { Status: < 500 } dav => [new FieldError(subject, Sentence(dav.Message))],
        DirectoryException { Refusal: not (DirectoryRefusal.DatabaseBusy or DirectoryRefusal.DatabaseMissing or DirectoryRefusal.DatabaseNewer or DirectoryRefusal.DatabaseUnusable) } directory =>
            [new FieldError(subject, Sentence(directory.Message))],
        TimeoutException or Akka.Actor.AskTimeoutException => [new FieldError(null, "The server is too busy to do this now. Try again in a moment.")],
        _ => null,
    };

    public static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] == '.' ? "" : ".");

    /// <summary>The subject of a form for the audit log. Other fields are not logged, because they may contain passwords.</summary>
    private static string SubjectOf(PageRequest request)
    {
        var subject = string.Join(' ', Subjects.Select(request.Field).Where(static f => f.Length > 0));
        return subject.Length <= 200 ? subject : subject[..200];
    }
}
