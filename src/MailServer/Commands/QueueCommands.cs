using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>queue list|show|trace</c> and the commands of <see cref="QueueChangeCommands"/>, through the running server.</summary>
internal static class QueueCommands
{
    private const int UsualLimit = 1_000;
    private const int PageSize = 1_000;

    private static readonly Argument<string> Id = new("ID") { Description = "The message's id, as shown by 'queue list'." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "queue", "Show and change the queue of outgoing mail.",
        [List(factory), Show(factory), Trace(factory), QueueTestCommand.Create(factory), .. QueueChangeCommands.Create(factory), .. QueuePauseCommands.Create(factory)]);

    private static Command List(CommandFactory factory)
    {
        var limit = new Option<int>("--limit", "--max") { Description = "Show at most the N oldest messages.", HelpName = "N", DefaultValueFactory = static _ => UsualLimit };
        var count = new Option<bool>("--count") { Description = "Only print the number of messages." };
        var selection = new QueueSelection();
        return factory.Action(
            "list", "List the queued messages, oldest first.", ["queue list", "queue list --domain example.net --older 2h", "queue list --reason 'mailbox full' --json", "queue list --count"],
            [.. selection.Options, limit, count, factory.Json], async (context, cancel) =>
            {
                if (context.Get(limit) < 1) throw new CommandFailure("--limit must be at least 1", ExitCodes.Usage);
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var query = selection.ToQuery(context);
                if (!context.Get(count)) return await ListAsync(context, server, query, context.Get(limit), cancel);
                context.WriteLine((await PageAsync(server, query, 1, null, cancel)).Count.ToString(CultureInfo.InvariantCulture));
                return ExitCodes.Success;
            });
    }

    /// <summary>Lists the queue page by page, so that neither the server nor this process loads all of it.</summary>
    private static async Task<int> ListAsync(CommandContext context, AdminClient server, string query, int limit, CancellationToken cancel)
    {
        var listing = new Listing("id", "queued", "size", "sender", "waiting_for", "attempts", "next_attempt", "held", "last_reply", "paused");
        var (shown, count) = (0, 0);
        string? after = null;
        do
        {
            var isFirst = after is null;
            var page = await PageAsync(server, query, Math.Min(PageSize, limit - shown), after, cancel);
            if (isFirst) count = page.Count;
            foreach (var message in page.Messages) listing.Add(Row(message));
            shown += page.Messages.Count;
            after = shown < limit ? page.Next : null;
            listing.WritePart(context.Shell, context.WantsJson, isFirst, isLast: after is null);
        }
        while (after is not null);
        if (shown < count) context.Shell.WriteError(string.Create(CultureInfo.InvariantCulture, $"showing the oldest {shown} of {Quantity.Of(count, "message")}; --limit {count} shows all"));
        else if (context.Shell.OutIsTerminal && !context.WantsJson) context.WriteLine(Quantity.Of(count, "message"));
        return ExitCodes.Success;
    }

    public static Task<QueueListDocument> PageAsync(AdminClient server, string query, int max, string? after, CancellationToken cancel)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"queue?max={max}");
        if (query.Length > 0) path += "&" + query;
        if (after is not null) path += "&after=" + Uri.EscapeDataString(after);
        return server.GetAsync<QueueListDocument>(path, cancel);
    }

    private static object[] Row(QueueDocument message)
    {
        var waiting = message.Recipients.Where(static r => r.State == "waiting").ToArray();
        return
        [
            message.Id,
            message.QueuedAt,
            message.Size,
            message.Sender.Length == 0 ? "<>" : message.Sender,
            waiting.Select(static r => r.Address).ToArray(),
            waiting.Select(static r => r.Attempts).DefaultIfEmpty().Max(),
            waiting.Min(static r => r.NextAttempt) is { } next ? next : "",
            message.Held,
            waiting.Select(static r => r.Reply).LastOrDefault(static r => r.Length > 0) ?? "",
            message.Paused,
        ];
    }

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Show the recipients of a queued message.", ["queue show 1790000000.M1P2Q3.mail.example.org"], [Id, factory.Json], async (context, cancel) =>
        {
            var id = context.Get(Id);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("recipient", "state", "attempts", "last_attempt", "next_attempt", "host", "tls", "reply");
            var queued = (await StoriesAsync(server, id, cancel)).FirstOrDefault(s => s.Id == id)?.Queued;
            if (queued is null) throw new CommandFailure($"message '{id}' is no longer queued; see 'mailserver queue trace {id}'");
            foreach (var recipient in queued.Recipients)
                listing.Add(recipient.Address, recipient.State, recipient.Attempts, Cell(recipient.LastAttempt), Cell(recipient.NextAttempt), recipient.Host, recipient.Tls, recipient.Reply);
            return context.Print(listing);
        });

    private static Command Trace(CommandFactory factory)
    {
        var id = new Argument<string>("MESSAGE-ID") { Description = "The Message-ID header field, or the id in the queue." };
        return factory.Action(
            "trace", "Trace a message: how it arrived, the results of the checks, where it went, and each delivery attempt with the other server's reply.",
            ["queue trace '<20260101.1234@example.org>'"], [id, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var stories = await StoriesAsync(server, context.Get(id), cancel);
                if (context.WantsJson)
                {
                    context.WriteJson(JsonSerializer.Serialize(stories, AdminJson.Default.IReadOnlyListTraceDocument));
                    return ExitCodes.Success;
                }

                var listing = new Listing("at", "message", "recipient", "what");
                foreach (var story in stories)
                {
                    if (story.Steps.Count == 0 && story.Queued is { } queued) listing.Add(queued.QueuedAt, story.Id, "", "queued; its trace is not available");
                    foreach (var step in story.Steps) listing.Add(step.At, story.Id, step.Recipient, step.What);
                }

                return context.Print(listing);
            });
    }

    private static async Task<IReadOnlyList<TraceDocument>> StoriesAsync(AdminClient server, string id, CancellationToken cancel)
    {
        var stories = await server.GetAsync<IReadOnlyList<TraceDocument>>($"queue/trace?id={Uri.EscapeDataString(id)}", cancel);
        return stories.Count > 0 ? stories : throw NotQueued(id);
    }

    public static CommandFailure NotQueued(string id) => new($"no message '{id}'; see 'mailserver queue list'");

    private static object Cell(DateTimeOffset? time) => time is { } value ? value : "";
}
