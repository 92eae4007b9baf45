using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Admin;

/// <summary>The audit log, and recent warnings of the server.</summary>
internal static class LogsPage
{
    private const int MostEvents = 2_000;

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
        Filters = [ListFilter.Values<AuditEvent>("kind", "What", static e => e.Kind), ListFilter.Values<AuditEvent>("by", "By", static e => e.Actor)],
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
        PageRoute.Get("/admin/logs", PageAudience.Administrators, static async request => PageResult.Render<AuditView, ListPage<AuditEvent>>(
            "Audit log", Events.Read(request, [.. (await Task.Run(() => request.Services.ReadAudit(MostEvents))).OrderByDescending(static e => e.At)]))),
        PageRoute.Get("/admin/logs/warnings", PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<WarningsView, ListPage<LogEntry>>(
            "Warnings", Lines.Read(request, request.Services.Warnings())))),
    ];
}
