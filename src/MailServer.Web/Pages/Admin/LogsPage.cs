using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Admin;

/// <summary>The audit log, and recent warnings of the server.</summary>
internal static class LogsPage
{
    private const int MostEvents = 2_000;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin/logs", PageAudience.Administrators, static async request => PageAnswer.Show<AuditView, Paged<AuditEvent>>(
            "Audit log", Paged.Of<AuditEvent>([.. (await Task.Run(() => request.Services.ReadAudit(MostEvents))).OrderByDescending(static e => e.At)], request.Number))),
        PageRoute.Get("/admin/logs/warnings", PageAudience.Administrators, static request => Task.FromResult(PageAnswer.Show<WarningsView, Paged<LogLine>>(
            "Warnings", Paged.Of<LogLine>(request.Services.Warnings(), request.Number)))),
    ];
}
