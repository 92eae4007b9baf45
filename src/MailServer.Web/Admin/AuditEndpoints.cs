using System.Globalization;
using MailServer.Domain.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Events of the audit log, oldest first. <paramref name="Next"/> is the value of <c>before</c> for the next, older page; null if there is none.</summary>
public sealed record AuditDocument(IReadOnlyList<AuditEventDocument> Events, long? Next);

/// <summary>An event of the audit log.</summary>
public sealed record AuditEventDocument(DateTimeOffset At, string Kind, string Account, string By, string Address, string Detail);

/// <summary>Lines of the log file, oldest first. <paramref name="File"/> is null if the log is not written to a file; <paramref name="IsPart"/>: only its end was read.</summary>
public sealed record LogLinesDocument(string? File, bool IsPart, string? Problem, IReadOnlyList<LogLineDocument> Lines);

/// <summary>A line of the log.</summary>
public sealed record LogLineDocument(string Level, string Text);

/// <summary>The endpoints of the audit log and the log file: <c>GET audit</c> and <c>GET log/lines</c>.</summary>
public static class AuditEndpoints
{
    private const int MostListed = 10_000;
    private const int Listed = 1_000;

    public static void MapLogs(this IEndpointRouteBuilder endpoints, Func<AuditFilter, AuditPage> audit, Func<LogFilter, LogLines> log)
    {
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("audit", async context =>
        {
            var page = await Task.Run(() => audit(FilterOf(context)), context.RequestAborted);
            await RuntimeEndpoints.WriteAsync(context, new AuditDocument([.. page.Events.Select(Describe)], page.Next));
        });
        admin.MapGet("log/lines", async context =>
        {
            var found = await Task.Run(() => log(new LogFilter(Value(context, "q"), Value(context, "level"), MostOf(context))), context.RequestAborted);
            await RuntimeEndpoints.WriteAsync(context, new LogLinesDocument(found.File, found.IsPart, found.Problem, [.. found.Lines.Select(static l => new LogLineDocument(l.Level, l.Text))]));
        });
    }

    private static AuditFilter FilterOf(HttpContext context) => new()
    {
        Since = TimeOf(context, "since") ?? DateTimeOffset.UnixEpoch,
        Until = TimeOf(context, "until"),
        Kind = Value(context, "kind"),
        Account = Value(context, "account"),
        By = Value(context, "by"),
        Text = Value(context, "q"),
        Before = long.TryParse(Value(context, "before"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
        Max = MostOf(context),
    };

    private static AuditEventDocument Describe(AuditEvent e) => new(e.At, e.Kind, e.Account, e.Actor, e.Address?.ToString() ?? "", e.Detail);

    private static string? Value(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    private static DateTimeOffset? TimeOf(HttpContext context, string name) =>
        DateTimeOffset.TryParse(Value(context, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private static int MostOf(HttpContext context) => int.TryParse(Value(context, "max"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? Math.Clamp(n, 1, MostListed) : Listed;
}
