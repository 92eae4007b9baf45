using System.Globalization;
using MailServer.Domain.Access;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Admin;

/// <summary>The audit log, and recent warnings of the server.</summary>
internal static class LogsPage
{
    private const string Before = "before";
    private const int MostEvents = 2_000;
    private const int MostLines = 2_000;
    private const int LongestSearch = 200;

    private static readonly string[] Levels = ["error", "warning", "info", "debug"];

    private static readonly (string Value, string Text, TimeSpan Age)[] Ages =
        [("hour", "an hour ago", TimeSpan.FromHours(1)), ("day", "a day ago", TimeSpan.FromDays(1)), ("week", "a week ago", TimeSpan.FromDays(7)), ("month", "a month ago", TimeSpan.FromDays(31))];

    private static readonly ListOf<AuditEvent> Events = new("/admin/logs", static e => [e.Kind, e.Account, e.Actor, e.Address?.ToString(), e.Detail])
    {
        Columns =
        [
            ListColumn.Value("at", "When", static (AuditEvent e) => e.At),
            ListColumn.Text<AuditEvent>("kind", "What", static e => e.Kind),
            ListColumn.Text<AuditEvent>("account", "About", static e => e.Account),
            ListColumn.Text<AuditEvent>("by", "By", static e => e.Actor),
            ListColumn.Plain<AuditEvent>("Detail"),
        ],
        Filters = [ListFilter.Values<AuditEvent>("kind", "What", static e => e.Kind), ListFilter.Values<AuditEvent>("by", "By", static e => e.Actor), ListFilter.Fixed<AuditEvent>("since", "Since", [.. Ages.Select(Since)])],
        Keeps = [Before],
    };

    private static readonly ListOf<LogLine> File = new("/admin/logs/server", static l => [l.Text])
    {
        Columns = [ListColumn.Plain<LogLine>("Line"), ListColumn.Plain<LogLine>("Level")],
        Filters = [ListFilter.Fixed<LogLine>("level", "At least", [.. Levels.Select(static l => new FilterOption<LogLine>(l, l, static _ => true))])],
    };

    private static readonly ListOf<LogEntry> Lines = new("/admin/logs/warnings", static l => [l.Source, l.Text])
    {
        Columns =
        [
            ListColumn.Value("at", "When", static (LogEntry l) => l.At),
            ListColumn.Text<LogEntry>("level", "Level", static l => l.Level),
            ListColumn.Text<LogEntry>("part", "Component", static l => l.Source),
            ListColumn.Plain<LogEntry>("What"),
        ],
        Filters = [ListFilter.Values<LogEntry>("level", "Level", static l => l.Level)],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin/logs", PageAudience.Administrators, AuditAsync),
        PageRoute.Get("/admin/logs/server", PageAudience.Administrators, ServerAsync),
        PageRoute.Get("/admin/logs/warnings", PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<WarningsView, ListPage<LogEntry>>(
            "Warnings", Lines.Read(request, request.Services.Warnings())))),
    ];

    /// <summary>
    /// The whole log is searched, page by page: what is read are the newest events that match, up to a number. The choices of the filters are those of the newest events.
    /// </summary>
    private static async Task<PageResult> AuditAsync(PageRequest request)
    {
        var now = request.Services.Time.GetUtcNow();
        string? Value(string name) => request.Query(name).Trim() is { Length: > 0 } text ? text[..Math.Min(text.Length, LongestSearch)] : null;
        long? before = long.TryParse(request.Query(Before), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        var age = Ages.FirstOrDefault(a => a.Value == request.Query("since")).Age;
        var filter = new AuditFilter { Text = Value("q"), Kind = Value("kind"), By = Value("by"), Since = age == default ? DateTimeOffset.UnixEpoch : now - age, Before = before, Max = MostEvents };
        var newest = await Task.Run(() => request.Services.ReadAudit(new AuditFilter { Max = MostEvents }));
        var isNarrowed = filter is not { Text: null, Kind: null, By: null, Before: null } || age != default;
        var found = isNarrowed ? await Task.Run(() => request.Services.ReadAudit(filter)) : newest;
        // The search of the list itself finds nothing else: it is the same, over what was found.
        var events = new List<AuditEvent>(found.Events);
        events.Reverse();
        var options = Events.Read(request, newest.Events).State;
        var page = Events.Read(request, events);
        return PageResult.Render<AuditView, AuditModel>("Audit log", new AuditModel(page with { State = page.State with { Filters = options.Filters, Total = Math.Max(newest.Events.Count, events.Count) } }, found.Next, before is not null));
    }

    private static async Task<PageResult> ServerAsync(PageRequest request)
    {
        var level = Levels.Contains(request.Query("level")) ? request.Query("level") : null;
        var text = request.Query("q").Trim();
        var found = await Task.Run(() => request.Services.ReadLog(new LogFilter(text.Length == 0 ? null : text[..Math.Min(text.Length, LongestSearch)], level, MostLines)));
        return PageResult.Render<LogFileView, LogFileModel>("Server log", new LogFileModel(found, File.Read(request, [.. found.Lines.Reverse()])));
    }

    private static FilterOption<AuditEvent> Since((string Value, string Text, TimeSpan Age) age) => new(age.Value, age.Text, static _ => true);
}

/// <summary>Events of the audit log.</summary>
/// <param name="List">The found events, newest first.</param>
/// <param name="Next">Where older events begin; null if there are none.</param>
/// <param name="IsOlder">True if newer events exist that are not shown.</param>
public sealed record AuditModel(ListPage<AuditEvent> List, long? Next, bool IsOlder);

/// <summary>Lines of the log file.</summary>
public sealed record LogFileModel(LogLines Log, ListPage<LogLine> List);
