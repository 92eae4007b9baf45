using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>queue retry|hold|release|delete</c>: to one message, or to all that are selected.</summary>
internal static class QueueChangeCommands
{
    private static readonly Argument<string?> s_id = new("ID") { Description = "The message's id, as 'queue list' shows it.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Kind[] s_kinds =
    [
        new("retry", "Tries to send messages now: one by its id, or all that the options select.", HttpMethod.Post, "/retry", "retry", "retrying"),
        new("hold", "Keeps messages back until they are released.", HttpMethod.Post, "/hold", "hold", "held"),
        new("release", "Resumes the delivery of held messages.", HttpMethod.Post, "/release", "release", "released"),
        new("delete", "Deletes messages without notifying their senders.", HttpMethod.Delete, "", "delete", "deleted"),
    ];

    public static IEnumerable<Command> Create(CommandFactory factory) => s_kinds.Select(kind => Change(factory, kind));

    private static Command Change(CommandFactory factory, Kind kind)
    {
        var selection = new QueueSelection();
        var all = new Option<bool>("--all") { Description = "Every message in the queue." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Change nothing; say how many messages are selected." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation." };
        var name = kind.Name;
        return factory.Action(
            name, kind.Description, [$"queue {name} 1790000000.M1P2Q3.mail.example.org", $"queue {name} --domain example.net --older 2h --dry-run", $"queue {name} --reason 'mailbox full' --yes"],
            [s_id, .. selection.Options, all, dryRun, yes], async (context, cancel) =>
            {
                var (id, query) = (context.GetOptional(s_id), selection.ToQuery(context));
                if ((id is null ? 0 : 1) + (query.Length > 0 || context.Get(all) ? 1 : 0) != 1)
                    throw new CommandFailure($"name one message, or select some with {selection.Names} or --all", ExitCodes.Usage);
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                if (id is not null) return await OneAsync(context, server, kind, id, context.Get(dryRun), cancel);
                if (query.Length == 0) query = QueueFilterQuery.All + "=true";
                return await ManyAsync(context, server, kind, query, context.Get(dryRun), context.Get(yes), cancel);
            });
    }

    private static async Task<int> OneAsync(CommandContext context, AdminClient server, Kind kind, string id, bool isDry, CancellationToken cancel)
    {
        var path = $"queue/{Uri.EscapeDataString(id)}{kind.Path}";
        if (isDry)
        {
            var stories = await server.GetAsync<IReadOnlyList<StoryDocument>>($"queue/trace?id={Uri.EscapeDataString(id)}", cancel);
            if (!stories.Any(s => s.Id == id && s.Queued is not null)) throw QueueCommands.NotQueued(id);
            context.Say($"would {kind.Verb} 1 message");
            return ExitCodes.Done;
        }

        if (!await server.ChangeAsync(kind.Method, path, cancel)) throw QueueCommands.NotQueued(id);
        context.Say($"{kind.Done} 1 message");
        return ExitCodes.Done;
    }

    private static async Task<int> ManyAsync(CommandContext context, AdminClient server, Kind kind, string query, bool isDry, bool isSure, CancellationToken cancel)
    {
        var count = (await QueueCommands.PageAsync(server, query, 1, null, cancel)).Count;
        if (isDry || count == 0)
        {
            context.Say(count == 0 ? "no message is selected" : $"would {kind.Verb} {QueueCommands.Counted(count)}");
            return ExitCodes.Done;
        }

        if (!isSure && !context.Shell.CanAsk) throw new CommandFailure($"this would {kind.Verb} {QueueCommands.Counted(count)}, and there is no terminal to ask on: use --yes", ExitCodes.Usage);
        if (!isSure && !await context.Shell.ConfirmAsync($"{char.ToUpperInvariant(kind.Verb[0])}{kind.Verb[1..]} {QueueCommands.Counted(count)}?", cancel)) throw new CommandFailure("nothing was changed");
        var changed = await server.AskAsync<QueueChangeDocument>(kind.Method, $"queue{kind.Path}?{query}", cancel)
            ?? throw new CommandFailure("the server cannot change several messages at once: is it of another version?");
        context.Say(string.Create(CultureInfo.InvariantCulture, $"{kind.Done} {QueueCommands.Counted(changed.Messages)} ({changed.Recipients} {(changed.Recipients == 1 ? "recipient" : "recipients")})"));
        return ExitCodes.Done;
    }

    /// <param name="Name">Of the command.</param>
    /// <param name="Description">What it does.</param>
    /// <param name="Method">Of the admin API.</param>
    /// <param name="Path">Its path, after the message's id if there is one.</param>
    /// <param name="Verb">For what would be done.</param>
    /// <param name="Done">For what was done.</param>
    private sealed record Kind(string Name, string Description, HttpMethod Method, string Path, string Verb, string Done);
}
