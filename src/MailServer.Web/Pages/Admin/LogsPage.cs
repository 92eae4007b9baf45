using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Admin;

/// <summary>The audit log, and recent warnings of the server.</summary>
internal static class LogsPage
{
    private const int MostEvents = 2_000;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin/logs", PageAudience.Administrators, static async request => PageResult.Render<AuditView, Paged<AuditEvent>>(
            "Audit log", Paged.Of<AuditEvent>([.. (await Task.Run(() => request.Services.ReadAudit(MostEvents))).OrderByDescending(static e => e.At)], request.PageNumber))),
        PageRoute.Get("/admin/logs/warnings", PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<WarningsView, Paged<LogEntry>>(
            "Warnings", Paged.Of<LogEntry>(request.Services.Warnings(), request.PageNumber)))),
    ];
}
