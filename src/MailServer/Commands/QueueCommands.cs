using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>queue list|show|retry|hold|release|delete|trace</c>, asked of the running server.</summary>
internal static class QueueCommands
{
    private static readonly Argument<string> s_id = new("ID") { Description = "The message's id, as 'queue list' shows it." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "queue", "Mail that must still be sent to other hosts.",
        List(factory), Show(factory), Trace(factory),
        Change(factory, "retry", "Tries a message now.", HttpMethod.Post, "/retry"),
        Change(factory, "hold", "Keeps a message back until it is released.", HttpMethod.Post, "/hold"),
        Change(factory, "release", "Lets a held message go.", HttpMethod.Post, "/release"),
        Change(factory, "delete", "Forgets a message; its sender hears nothing.", HttpMethod.Delete, ""));

    private static Command List(CommandFactory factory)
    {
        var max = new Option<int>("--max") { Description = "At most so many messages.", HelpName = "N", DefaultValueFactory = _ => 1_000 };
        var count = new Option<bool>("--count") { Description = "Only says how many there are." };
        return factory.Action("list", "Lists the messages, oldest first.", ["queue list", "queue list --json", "queue list --count"], [max, count, factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listed = await server.GetAsync<QueueListDocument>(string.Create(CultureInfo.InvariantCulture, $"queue?max={(context.Get(count) ? 1 : Math.Max(1, context.Get(max)))}"), cancel);
            if (context.Get(count))
            {
                context.Say(listed.Count.ToString(CultureInfo.InvariantCulture));
                return ExitCodes.Done;
            }

            var listing = new Listing("id", "queued", "size", "sender", "waiting_for", "attempts", "next_attempt", "held", "last_reply");
            foreach (var message in listed.Messages) listing.Add(Row(message));
            return context.Print(listing);
        });
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
        ];
    }

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Shows a message's recipients.", ["queue show 1790000000.M1P2Q3.mail.example.org"], [s_id, factory.Json], async (context, cancel) =>
        {
            var id = context.Get(s_id);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("recipient", "state", "attempts", "last_attempt", "next_attempt", "host", "tls", "reply");
            var queued = (await StoriesAsync(server, id, cancel)).FirstOrDefault(s => s.Id == id)?.Queued;
            if (queued is null) throw new CommandFailure($"message '{id}' is no longer queued; 'mailserver queue trace {id}' tells what became of it");
            foreach (var recipient in queued.Recipients)
                listing.Add(recipient.Address, recipient.State, recipient.Attempts, Cell(recipient.LastAttempt), Cell(recipient.NextAttempt), recipient.Host, recipient.Tls, recipient.Reply);
            return context.Print(listing);
        });

    private static Command Trace(CommandFactory factory)
    {
        var id = new Argument<string>("MESSAGE-ID") { Description = "The Message-ID field, or the id that the server gave." };
        return factory.Action(
            "trace", "Tells a message's story: how it came, what the checks said, where it went, each attempt with the other host's words.",
            ["queue trace '<20260101.1234@example.org>'"], [id, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var stories = await StoriesAsync(server, context.Get(id), cancel);
                if (context.WantsJson)
                {
                    context.SayJson(JsonSerializer.Serialize(stories, AdminJson.Default.IReadOnlyListStoryDocument));
                    return ExitCodes.Done;
                }

                var listing = new Listing("at", "message", "recipient", "what");
                foreach (var story in stories)
                {
                    if (story.Steps.Count == 0 && story.Queued is { } queued) listing.Add(queued.QueuedAt, story.Id, "", $"queued; its story is not known");
                    foreach (var step in story.Steps) listing.Add(step.At, story.Id, step.Recipient, step.What);
                }

                return context.Print(listing);
            });
    }

    private static Command Change(CommandFactory factory, string name, string description, HttpMethod method, string action) => factory.Action(
        name, description, [$"queue {name} 1790000000.M1P2Q3.mail.example.org"], [s_id], async (context, cancel) =>
        {
            var id = context.Get(s_id);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await server.ChangeAsync(method, $"queue/{Uri.EscapeDataString(id)}{action}", cancel)) throw NotQueued(id);
            return ExitCodes.Done;
        });

    private static async Task<IReadOnlyList<StoryDocument>> StoriesAsync(AdminClient server, string id, CancellationToken cancel)
    {
        var stories = await server.GetAsync<IReadOnlyList<StoryDocument>>($"queue/trace?id={Uri.EscapeDataString(id)}", cancel);
        return stories.Count > 0 ? stories : throw NotQueued(id);
    }

    private static CommandFailure NotQueued(string id) => new($"no message '{id}' is known; try 'mailserver queue list'");

    private static object Cell(DateTimeOffset? time) => time is { } value ? value : "";
}
