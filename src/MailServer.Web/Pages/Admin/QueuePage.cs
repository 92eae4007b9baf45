using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Web.Pages.Parts;

namespace MailServer.Web.Pages.Admin;

/// <summary>The outbound queue, and the trace of each message.</summary>
internal static class QueuePage
{
    public const string Path = "/admin/queue";
    private const string One = "/admin/queue/show";
    private const int MostListed = 10_000;
    private const int MostDestinations = 10;

    // Without search, filters and sort order only the messages up to the page are read; the destinations are those of the oldest messages.
    private const int MostPages = 2_000;
    private const int LeastRead = 500;
    private static readonly string[] Selections = ["q", "sort", "state", "failed"];

    private static readonly ListOf<QueueItem> List = new(Path, static i => [
        i.Message.Value, i.MessageId, i.Sender?.ToString(), .. i.Recipients.Where(static r => r.State == RecipientState.Waiting).SelectMany(static r => new[] { r.Address.ToString(), r.LastAttempt?.Reply.ToString() })])
    {
        Columns =
        [
            ListColumn.Text<QueueItem>("from", "From", static i => i.Sender?.ToString() ?? ""),
            ListColumn.Text<QueueItem>("to", "To", static i => i.Recipients.FirstOrDefault(static r => r.State == RecipientState.Waiting)?.Address.ToString() ?? ""),
            ListColumn.Value("since", "Queued", static (QueueItem i) => i.QueuedAt),
            ListColumn.Value("next", "Next attempt", static (QueueItem i) => i.IsHeld ? DateTimeOffset.MaxValue : QueueTable.NextAttemptOf(i) ?? DateTimeOffset.MaxValue),
            ListColumn.Text<QueueItem>("answer", "Last answer", static i => QueueTable.LastAnswerOf(i) ?? ""),
        ],
        Filters =
        [
            ListFilter.Fixed<QueueItem>("state", "State", new("waiting", "waiting", static i => !i.IsHeld), new("held", "held", static i => i.IsHeld)),
            ListFilter.Fixed<QueueItem>(
                "failed", "Attempts", new("no", "not tried yet", static i => i.Recipients.All(static r => r.Attempts == 0)), new("yes", "tried", static i => i.Recipients.Any(static r => r.Attempts > 0))),
        ],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, ListAsync),
        PageRoute.Get(One, PageAudience.Administrators, ShowAsync),
        Change("retry", QueueChange.Retry, static recipients => $"The message is being retried ({DisplayFormat.Count(recipients, "recipient")})."),
        Change("hold", QueueChange.Hold, static _ => "The message is held until you release it."),
        Change("release", QueueChange.Release, static recipients => $"The message is released and is being retried ({DisplayFormat.Count(recipients, "recipient")})."),
        Change("delete", QueueChange.Delete, static _ => "The message is deleted. The sender is not notified.").Confirmed(
            "Delete", ["id"], static _ => "Delete the message?", static _ => "The message is deleted and the sender is not notified."),
    ];

    private static async Task<PageResult> ListAsync(PageRequest request)
    {
        var isPlain = Selections.All(s => request.Query(s).Length == 0);
        var read = isPlain ? Math.Max(LeastRead, Math.Clamp(request.PageNumber, 1, MostPages) * Paged.Size) : MostListed;
        var listed = await AskAsync(request.Services.Queue.ListAsync(read, request.Cancel));
        return PageResult.Render<QueueView, QueueModel>("Queue", new QueueModel(isPlain ? PageOf(request, listed) : List.Read(request, listed.Items), listed.Count)
        {
            Pauses = request.Services.Queue.Pauses.List(),
            IsPaused = request.Services.Queue.Pauses.IsPaused,
            Destinations = DestinationsOf(listed.Items),
        });
    }

    /// <summary>A page of the whole queue, of which only the oldest messages were read.</summary>
    private static ListPage<QueueItem> PageOf(PageRequest request, QueueProtocol.Listed listed)
    {
        var pages = Math.Clamp((listed.Count + Paged.Size - 1) / Paged.Size, 1, MostPages);
        var page = Math.Clamp(request.PageNumber, 1, pages);
        QueueItem[] items = [.. listed.Items.Skip((page - 1) * Paged.Size).Take(Paged.Size)];
        return new ListPage<QueueItem>(new Paged<QueueItem>(items, page, pages, listed.Count), List.Read(request, items).State with { Total = listed.Count });
    }

    /// <summary>The domains with the most waiting recipients.</summary>
    private static IReadOnlyList<(string Domain, int Recipients)> DestinationsOf(IReadOnlyList<QueueItem> items) =>
        [.. items.SelectMany(static i => i.Recipients).Where(static r => r.State == RecipientState.Waiting && r.Mailbox is null).CountBy(static r => r.Address.Domain)
            .OrderByDescending(static d => d.Value).ThenBy(static d => d.Key, StringComparer.Ordinal).Take(MostDestinations).Select(static d => (d.Key, d.Value))];

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var id = request.Query("id").Trim();
        var stories = id.Length == 0 ? [] : await AskAsync(request.Services.Queue.TraceAsync(id, request.Cancel));
        return stories.Count > 0
            ? PageResult.Render<StoryView, IReadOnlyList<MessageHistory>>("The story of a message", stories)
            : throw new PageException(404, "No such message is known. Its story is kept for some days only.");
    }

    private static PageRoute Change(string name, QueueChange what, Func<int, string> done) =>
        PageRoute.Post($"/admin/queue/{name}", PageAudience.Administrators, async request =>
        {
            var id = request.Field("id");
            if (!SpoolId.TryParse(id, out var message)) throw NotQueued();
            var changed = await AskAsync(request.Services.Queue.ChangeAsync(message, what, request.Cancel));
            if (changed.Outcome == QueueChangeOutcome.NotQueued) throw NotQueued();
            // A deleted message still has its story.
            request.ReturnPath = DisplayFormat.Link(One, "id", id);
            return changed.Outcome switch
            {
                QueueChangeOutcome.Changed => request.RedirectWithNotice(done(changed.Recipients)),
                QueueChangeOutcome.Held when what == QueueChange.Retry => throw PageException.Invalid("The message is held, so it was not retried. Release it to resume delivery."),
                QueueChangeOutcome.Paused => throw PageException.Invalid("The message was not retried: its destination is paused. Resume it on the page of the queue."),
                QueueChangeOutcome.Held => request.RedirectUnchanged("the message is held already"),
                QueueChangeOutcome.NotHeld => request.RedirectUnchanged("the message is not held"),
                _ => request.RedirectUnchanged("no recipient is waiting; only notices to the sender are outstanding"),
            };
        }, Path);

    private static PageException NotQueued() => PageException.Invalid("That message is no longer in the queue.");

    /// <summary>Asks the queue; if it is not available, the page says why.</summary>
    public static async Task<T> AskAsync<T>(Task<T> question)
    {
        try
        {
            return await question;
        }
        catch (QueueUnavailableException e)
        {
            throw new PageException(503, e.Message);
        }
    }
}

/// <summary>The oldest queued messages, and the total number.</summary>
public sealed record QueueModel(ListPage<QueueItem> List, int Count)
{
    /// <summary>The destinations to which nothing is sent for now.</summary>
    public required IReadOnlyList<QueuePause> Pauses { get; init; }

    /// <summary>Whether nothing of a message is sent for now.</summary>
    public required Func<QueueItem, bool> IsPaused { get; init; }

    /// <summary>The domains with the most waiting recipients.</summary>
    public required IReadOnlyList<(string Domain, int Recipients)> Destinations { get; init; }
}
