using System.Globalization;
using System.Text.Json;
using MailServer.Actors.Maintenance;
using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Domain.Mailboxes;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>One line of the response to a backup request: the progress, or the result.</summary>
public sealed record BackupLine(string What, long Done, long Total, long Bytes, long NewFiles, long NewBytes, string? Name, string? Error)
{
    /// <summary>What the finished backup does not contain.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Remarks about a backup that is complete.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>The outcome for each message of a batch.</summary>
public sealed record MailImportDocument(IReadOnlyList<ImportOutcome> Outcomes);

/// <summary>The result of checking one mailbox.</summary>
public sealed record CheckDocument(long Messages, IReadOnlyList<string> Problems);

/// <summary>Maintenance endpoints: <c>POST backup</c> (streams progress as lines of JSON), <c>POST import/{account}</c>, <c>POST check/{account}</c>.</summary>
public static class MaintenanceEndpoints
{
    private const int ImportBody = 256 * 1024 * 1024;
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMilliseconds(200);
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    /// <param name="admin">The route group of the admin API.</param>
    /// <param name="maintenance">Runs the operations.</param>
    /// <param name="accounts">Lists all accounts.</param>
    /// <param name="exists">Whether an account exists; a request about another one is answered with 404.</param>
    public static void MapMaintenance(
        this IEndpointRouteBuilder admin, MaintenanceService maintenance, Func<CancellationToken, Task<IReadOnlyList<AccountId>>> accounts, Func<AccountId, CancellationToken, Task<bool>> exists)
    {
        admin.MapPost("backup", context => BackUpAsync(context, maintenance, accounts));
        admin.MapPost("import/{account:long}", async context =>
        {
            if (await exists(AccountOf(context), context.RequestAborted)) await ImportAsync(context, maintenance);
            else context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
        admin.MapPost("check/{account:long}", async context =>
        {
            if (!await exists(AccountOf(context), context.RequestAborted))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            var found = await maintenance.CheckAsync(AccountOf(context), context.Request.Query["repair"] == "true", context.RequestAborted);
            await context.Response.WriteAsJsonAsync(new CheckDocument(found.Messages, found.Problems), AdminJson.Default.CheckDocument, cancellationToken: context.RequestAborted);
        });
    }

    private static async Task BackUpAsync(HttpContext context, MaintenanceService maintenance, Func<CancellationToken, Task<IReadOnlyList<AccountId>>> accounts)
    {
        var (query, cancel) = (context.Request.Query, context.RequestAborted);
        if (!Path.IsPathRooted(query["directory"].ToString()))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("directory must be an absolute path", cancel);
            return;
        }

        var at = new LatestProgress();
        var all = await accounts(cancel);
        var configuration = query["config"].ToString();
        var running = maintenance.BackUpAsync(query["directory"].ToString(), all, configuration.Length > 0 ? configuration : null, at, cancel);
        context.Response.ContentType = "application/x-ndjson";
        while (await Task.WhenAny(running, Task.Delay(BetweenLines, cancel)) != running) await WriteAsync(context, Line(at));
        try
        {
            var done = await running;
            await WriteAsync(context, new BackupLine("done", done.Files, done.Files, done.Bytes, done.NewFiles, done.NewBytes, done.Name, null) { Problems = done.Problems, Warnings = done.Warnings });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await WriteAsync(context, Line(at) with { Error = e.Message });
        }
    }

    private static BackupLine Line(LatestProgress at) => new(at.Value.Step ?? "", at.Value.Done, at.Value.Total, at.Value.Bytes, 0, 0, null, null);

    private static async Task WriteAsync(HttpContext context, BackupLine line)
    {
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, AdminJson.Default.BackupLine), context.RequestAborted);
        await context.Response.Body.WriteAsync(LineEnd, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task ImportAsync(HttpContext context, MaintenanceService maintenance)
    {
        var batch = ImportBatchCodec.Read(await context.ReadBodyAsync(ImportBody));
        var account = AccountOf(context);
        var outcomes = await maintenance.Import.FileAsync(account, batch, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new MailImportDocument(outcomes), AdminJson.Default.MailImportDocument, cancellationToken: context.RequestAborted);
    }

    private static AccountId AccountOf(HttpContext context) => new(long.Parse((string)context.Request.RouteValues["account"]!, CultureInfo.InvariantCulture));

    /// <summary>Keeps the most recent progress report.</summary>
    private sealed class LatestProgress : IProgress<BackupProgress>
    {
        private BackupProgress _value;

        public BackupProgress Value
        {
            get
            {
                lock (this) return _value;
            }
        }

        public void Report(BackupProgress value)
        {
            lock (this) _value = value;
        }
    }
}
