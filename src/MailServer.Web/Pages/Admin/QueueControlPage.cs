using MailServer.Actors.Queue;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Web.Admin;
using Microsoft.AspNetCore.WebUtilities;

namespace MailServer.Web.Pages.Admin;

/// <summary>Changes of all queued messages that match a filter, and pauses of destinations.</summary>
internal static class QueueControlPage
{
    private const string Select = "/admin/queue/select";
    private const string Filter = "filter";
    private const int MostShown = 50;
    private const int LongestFilter = 1_000;
    private const int LongestReason = 200;

    /// <summary>The parameter of a filter that selects every message.</summary>
    private const string All = QueueFilterQuery.AllMessages + "=true";

    /// <summary>The choices for the age of messages, in seconds.</summary>
    public static readonly (string Value, string Text)[] Ages = [("", "any"), ("3600", "an hour"), ("21600", "6 hours"), ("86400", "a day"), ("172800", "2 days")];

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Select, PageAudience.Administrators, SelectAsync),
        Change("retry", QueueChange.Retry, "is being retried", "are being retried"),
        Change("hold", QueueChange.Hold, "is held", "are held"),
        Change("release", QueueChange.Release, "is released and being retried", "are released and being retried"),
        Change("delete", QueueChange.Delete, "is deleted; its sender is not notified", "are deleted; their senders are not notified").Confirmed(
            "Delete", [Filter], static r => $"Delete all messages {Describe(r.Key(Filter))}?", static _ => "The messages are deleted and their senders are not notified.", static _ => "delete"),
        PageRoute.Post("/admin/queue/pause", PageAudience.Administrators, PauseAsync, QueuePage.Path).About("domain"),
        PageRoute.Post("/admin/queue/resume", PageAudience.Administrators, static request => Task.FromResult(Resume(request)), QueuePage.Path),
    ];

    /// <summary>The text of a filter for its parameter; <c>all=true</c> for every message.</summary>
    public static string TextOf(string query) => query.Length == 0 ? All : query;

    private static async Task<PageResult> SelectAsync(PageRequest request)
    {
        var filter = QueueFilterQuery.Read(request.Query, request.Services.Time.GetUtcNow());
        TimeSpan? older = filter.QueuedBefore is { } before ? request.Services.Time.GetUtcNow() - before : null;
        var found = await QueuePage.AskAsync(request.Services.Queue.SearchAsync(filter, after: null, MostShown, request.Cancel));
        return PageResult.Render<QueueSelectView, QueueSelectModel>("Select messages", new QueueSelectModel(
            found.Items, found.Count, TextOf(QueueFilterQuery.Write(filter, older)), request.Query("to"), request.Query("from"), request.Query("domain"), request.Query("reason"), request.Query("older"))
        {
            IsPaused = request.Services.Queue.Pauses.IsPaused,
        });
    }

    private static PageRoute Change(string name, QueueChange what, string one, string many) => PageRoute.Post($"/admin/queue/all/{name}", PageAudience.Administrators, async request =>
    {
        var filter = FilterOf(request.Field(Filter), request.Services.Time.GetUtcNow()) ?? throw PageException.Invalid("Select the messages first.");
        var done = await QueuePage.AskAsync(request.Services.Queue.ChangeAllAsync(filter, what, isDry: false, request.Cancel));
        var rest = done.Unchanged == 0 ? "" : $" {DisplayFormat.Count(done.Unchanged, "message")} unchanged: {WhyUnchanged(what, done)}.";
        if (done.Messages == 0) return request.RedirectWithNotice(done.Unchanged == 0 ? "Nothing changed: no message matches any more." : $"Nothing changed.{rest}");
        return request.RedirectWithNotice($"{DisplayFormat.Count(done.Messages, "message")} {(done.Messages == 1 ? one : many)}.{rest}");
    }, Select) with
    { ReturnPathSelector = static request => LocationOf(request.Key(Filter)) };

    private static string WhyUnchanged(QueueChange what, QueueChangeSummary done) => what switch
    {
        QueueChange.Hold => "held already",
        QueueChange.Release => "not held",
        _ when done.Paused == 0 => "held",
        _ when done.Paused == done.Unchanged => "paused",
        _ => "held or paused",
    };

    private static QueueFilter? FilterOf(string text, DateTimeOffset now)
    {
        if (text.Length is 0 or > LongestFilter) return null;
        var parameters = QueryHelpers.ParseQuery(text);
        var filter = QueueFilterQuery.Read(name => parameters.GetValueOrDefault(name).ToString(), now);
        return filter.IsEverything && text != All ? null : filter;
    }

    private static string LocationOf(string text) => text.Length is 0 or > LongestFilter || text == All ? Select : $"{Select}?{text}";

    /// <summary>A filter in words, after “all messages”.</summary>
    private static string Describe(string text)
    {
        var parameters = text.Length > LongestFilter ? throw PageException.NotFound() : QueryHelpers.ParseQuery(text);
        string Part(string name, string words) => parameters.GetValueOrDefault(name).ToString() is { Length: > 0 } value ? $" {words} {value}" : "";
        var age = Ages.FirstOrDefault(a => a.Value.Length > 0 && a.Value == parameters.GetValueOrDefault("older").ToString()).Text;
        var said = Part("from", "from") + Part("to", "to") + Part("domain", "to the domain") + Part("reason", "with the reply") + (age is null ? "" : $" older than {age}");
        return said.Length == 0 ? "in the queue" : said.TrimStart();
    }

    private static async Task<PageResult> PauseAsync(PageRequest request)
    {
        var domain = DomainOf(request, "domain");
        var hint = domain != QueuePause.Everything && await request.Services.Directory.IsHostedAsync(domain, request.Cancel) ? $" But {QueueEndpoints.HostedHint}." : "";
        var reason = request.Field("reason").Trim();
        return request.Services.Queue.Pauses.Pause(domain, reason.Length <= LongestReason ? reason : reason[..LongestReason]) switch
        {
            PauseChange.Changed => request.RedirectWithNotice($"{NameOf(domain)} is paused. It stays in the queue until you resume it.{hint}"),
            PauseChange.Unchanged => request.RedirectUnchanged($"{NameOf(domain, capital: false)} is paused already"),
            PauseChange.Full => throw PageException.Invalid("Too many domains are paused. Resume some, or pause all mail.", "domain"),
            _ => request.RedirectWithFault($"{NameOf(domain)} is paused only until the server restarts: the pause could not be stored. See the warnings."),
        };
    }

    private static PageResult Resume(PageRequest request)
    {
        var domain = DomainOf(request, field: null);
        return request.Services.Queue.Pauses.Resume(domain) switch
        {
            PauseChange.Changed => request.RedirectWithNotice($"{NameOf(domain)} is resumed. Each message is tried now."),
            PauseChange.NotStored => request.RedirectWithFault($"{NameOf(domain)} is resumed only until the server restarts: the change could not be stored. See the warnings."),
            _ => throw PageException.Invalid($"{NameOf(domain)} is not paused."),
        };
    }

    private static string DomainOf(PageRequest request, string? field)
    {
        var text = request.Field("domain").Trim();
        if (text == QueuePause.Everything) return text;
        return EmailAddress.TryNormalizeDomain(text, out var domain) && domain[0] != '[' ? domain : throw PageException.Invalid($"“{text}” is not a domain name.", field);
    }

    private static string NameOf(string domain, bool capital = true) => (capital ? "M" : "m") + (domain == QueuePause.Everything ? "ail to other servers" : $"ail to {DisplayFormat.Domain(domain)}");
}

/// <summary>The messages that a filter selects.</summary>
/// <param name="Items">The first of them.</param>
/// <param name="Count">Their number.</param>
/// <param name="Filter">The filter, for forms.</param>
/// <param name="To">The entered recipient.</param>
/// <param name="From">The entered sender.</param>
/// <param name="Domain">The entered domain.</param>
/// <param name="Reason">The entered text of the last reply.</param>
/// <param name="Older">The chosen age.</param>
public sealed record QueueSelectModel(IReadOnlyList<QueueItem> Items, int Count, string Filter, string To, string From, string Domain, string Reason, string Older)
{
    /// <summary>Whether nothing of a message is sent for now.</summary>
    public required Func<QueueItem, bool> IsPaused { get; init; }
}
