using MailServer.Actors.Queue;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Queue endpoints: <c>GET queue</c>, <c>GET queue/trace?id=</c>, <c>POST queue/{id}/{retry|hold|release}</c>, <c>DELETE queue/{id}</c>. Changes without
/// an id apply to all messages that match a filter. <c>GET queue/paused</c>, <c>PUT</c> and <c>DELETE queue/paused/{domain}</c> pause and resume destinations. With <c>dry_run=true</c> a change is only counted. A retry of a held message is refused (409).
/// </summary>
public static class QueueEndpoints
{
    private const int MostListed = 10_000;
    private const int LongestReason = 200;

    /// <summary>What a pause does not do if this server receives mail for the domain itself.</summary>
    public const string HostedHint = "this server receives mail for this domain itself: delivery to its mailboxes is not affected";

    public static void MapQueue(this IEndpointRouteBuilder admin, QueueAdministration queue, Func<string, CancellationToken, ValueTask<bool>> isHosted)
    {
        admin.MapGet("queue", Guarded(async context =>
        {
            var max = int.TryParse(context.Request.Query["max"], out var n) ? Math.Clamp(n, 1, MostListed) : MostListed;
            SpoolId? after = SpoolId.TryParse(context.Request.Query["after"].ToString(), out var last) ? last : null;
            var listed = await queue.SearchAsync(QueueFilterQuery.Read(context), after, max, context.RequestAborted);
            await WriteAsync(context, new QueueListDocument(listed.Count, [.. listed.Items.Select(i => Describe(i, queue))], listed.Items.Count == max ? listed.Items[^1].Message.Value : null));
        }));
        admin.MapGet("queue/trace", Guarded(async context =>
        {
            var stories = await queue.TraceAsync(context.Request.Query["id"].ToString(), context.RequestAborted);
            await WriteAsync<IReadOnlyList<TraceDocument>>(context, [.. stories.Select(s => Describe(s, queue))]);
        }));
        admin.MapPost("queue/{id}/retry", Guarded(context => ChangeAsync(context, queue, QueueChange.Retry)));
        admin.MapPost("queue/{id}/hold", Guarded(context => ChangeAsync(context, queue, QueueChange.Hold)));
        admin.MapPost("queue/{id}/release", Guarded(context => ChangeAsync(context, queue, QueueChange.Release)));
        admin.MapDelete("queue/{id}", Guarded(context => ChangeAsync(context, queue, QueueChange.Delete)));
        admin.MapPost("queue/retry", Guarded(context => ChangeAllAsync(context, queue, QueueChange.Retry)));
        admin.MapPost("queue/hold", Guarded(context => ChangeAllAsync(context, queue, QueueChange.Hold)));
        admin.MapPost("queue/release", Guarded(context => ChangeAllAsync(context, queue, QueueChange.Release)));
        admin.MapDelete("queue", Guarded(context => ChangeAllAsync(context, queue, QueueChange.Delete)));
        admin.MapGet("queue/paused", context => WriteAsync(context, new QueuePauseListDocument([.. queue.Pauses.List().Select(static p => new QueuePauseDocument(p.Domain, p.Since, p.Reason))])));
        admin.MapPut("queue/paused/{domain}", context => PauseAsync(context, domain => queue.Pauses.Pause(domain, Reason(context)), "it is paused already", isHosted));
        admin.MapDelete("queue/paused/{domain}", context => PauseAsync(context, queue.Pauses.Resume, "it is not paused"));
    }

    private static string Reason(HttpContext context)
    {
        var reason = context.Request.Query["reason"].ToString();
        return reason.Length <= LongestReason ? reason : reason[..LongestReason];
    }

    private static async Task PauseAsync(HttpContext context, Func<string, PauseChange> change, string unchanged, Func<string, CancellationToken, ValueTask<bool>>? isHosted = null)
    {
        var text = RuntimeEndpoints.Route(context, "domain");
        if (text != QueuePause.Everything && (!EmailAddress.TryNormalizeDomain(text, out var domain) || (text = domain) is ['[', ..]))
        {
            await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not a domain name or *");
            return;
        }

        var hint = isHosted is not null && text != QueuePause.Everything && await isHosted(text, context.RequestAborted) ? HostedHint : "";
        await (change(text) switch
        {
            PauseChange.Full => DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, "too many domains are paused; resume some, or pause all mail"),
            PauseChange.NotStored => DirectoryAnswers.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the change applies only until the server restarts, because it could not be stored; see the log"),
            var done => RuntimeEndpoints.WriteAsync(context, new ChangeDocument(done == PauseChange.Changed, done == PauseChange.Changed ? "" : unchanged) { Hint = hint }),
        });
    }

    /// <summary>Returns 503 with the reason if the queue is unavailable.</summary>
    private static RequestDelegate Guarded(RequestDelegate answer) => async context =>
    {
        try
        {
            await answer(context);
        }
        catch (QueueUnavailableException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(e.Message, context.RequestAborted);
        }
    };

    private static async Task ChangeAsync(HttpContext context, QueueAdministration queue, QueueChange what)
    {
        var changed = !SpoolId.TryParse((string)context.Request.RouteValues["id"]!, out var id) ? new QueueProtocol.Changed(QueueChangeOutcome.NotQueued, 0)
            : IsDry(context) ? await queue.PreviewAsync(id, what, context.RequestAborted)
            : await queue.ChangeAsync(id, what, context.RequestAborted);
        switch (changed.Outcome)
        {
            case QueueChangeOutcome.NotQueued:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case QueueChangeOutcome.Held when what == QueueChange.Retry:
                context.Response.StatusCode = StatusCodes.Status409Conflict;
                await context.Response.WriteAsync($"message '{id.Value}' is held and was not retried; release it with 'mailserver queue release {id.Value}'", context.RequestAborted);
                break;
            case QueueChangeOutcome.Paused:
                await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, $"message '{id.Value}' was not retried: its destination is paused; resume it with 'mailserver queue resume'");
                break;
            case QueueChangeOutcome.Changed:
                await WriteAsync(context, new QueueChangeDocument(1, changed.Recipients));
                break;
            default:
                await WriteAsync(context, new QueueChangeDocument(0, 0, 1, ReasonOf(what, changed.Outcome)));
                break;
        }
    }

    /// <summary>Why a change does not apply to a message.</summary>
    private static string ReasonOf(QueueChange what, QueueChangeOutcome outcome) => outcome switch
    {
        QueueChangeOutcome.NothingWaits => "no recipient waits; only notices to the sender are outstanding",
        QueueChangeOutcome.NotHeld => "not held",
        QueueChangeOutcome.Paused => "its destination is paused; resume it with 'mailserver queue resume'",
        _ => what == QueueChange.Hold ? "held already" : "held; release with 'mailserver queue release'",
    };

    private static bool IsDry(HttpContext context) => context.Request.Query["dry_run"] == "true";

    private static async Task ChangeAllAsync(HttpContext context, QueueAdministration queue, QueueChange what)
    {
        var filter = QueueFilterQuery.Read(context);
        if (filter.IsEverything && context.Request.Query[QueueFilterQuery.AllMessages] != "true")
        {
            // Probably a missing or mistyped filter.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var done = await queue.ChangeAllAsync(filter, what, IsDry(context), context.RequestAborted);
        var reason = done.Unchanged == 0 ? "" : done.Paused == 0 ? ReasonOf(what, what == QueueChange.Release ? QueueChangeOutcome.NotHeld : QueueChangeOutcome.Held)
            : done.Paused == done.Unchanged ? "paused; resume with 'mailserver queue resume'"
            : "held or paused; see 'mailserver queue list'";
        await WriteAsync(context, new QueueChangeDocument(done.Messages, done.Recipients, done.Unchanged, reason));
    }

    private static Task WriteAsync<T>(HttpContext context, T document) =>
        context.Response.WriteAsJsonAsync(document, typeof(T), AdminJson.Default, cancellationToken: context.RequestAborted);

    private static TraceDocument Describe(MessageHistory story, QueueAdministration queue) =>
        new(story.Message.Value, story.MessageId, story.Item is null ? null : Describe(story.Item, queue), [.. story.Steps.Select(static s => new TraceStepDocument(s.At, s.Recipient, s.Text))]);

    private static QueueDocument Describe(QueueItem item, QueueAdministration queue) => new(
        item.Message.Value, item.MessageId, item.Sender?.ToString() ?? "", item.QueuedAt, item.Size, item.IsHeld, [.. item.Recipients.Select(Describe)])
    {
        Paused = queue.Pauses.IsPaused(item),
    };

    private static RecipientDocument Describe(QueueRecipient recipient) => new(
        recipient.Address.ToString(),
        recipient.State.ToString().ToLowerInvariant(),
        recipient.Attempts,
        recipient.State == RecipientState.Waiting ? recipient.NextAttempt : null,
        recipient.LastAttempt?.At,
        recipient.LastAttempt?.Host ?? "",
        recipient.LastAttempt?.Tls ?? "",
        recipient.LastAttempt?.Reply.ToString() ?? "");
}
