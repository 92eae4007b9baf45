using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>queue retry|hold|release|delete</c>, for one message or for all that the options select.</summary>
internal static class QueueChangeCommands
{
    private static readonly Argument<string?> Id = new("ID") { Description = "The message's id, as shown by 'queue list'.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly QueueAction[] Kinds =
    [
        new("retry", "Retry messages now: one by id, or all that the options select.", HttpMethod.Post, "/retry", "retry", "retrying"),
        new("hold", "Hold messages until they are released.", HttpMethod.Post, "/hold", "hold", "held"),
        new("release", "Resume delivery of held messages.", HttpMethod.Post, "/release", "release", "released"),
        new("delete", "Delete messages without notifying their senders.", HttpMethod.Delete, "", "delete", "deleted"),
    ];

    public static IEnumerable<Command> Create(CommandFactory factory) => Kinds.Select(kind => Change(factory, kind));

    private static Command Change(CommandFactory factory, QueueAction kind)
    {
        var selection = new QueueSelection();
        var all = new Option<bool>("--all") { Description = "Select every message in the queue." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only print how many messages are selected; change nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation." };
        var name = kind.Name;
        return factory.Action(
            name, kind.Description, [$"queue {name} 1790000000.M1P2Q3.mail.example.org", $"queue {name} --domain example.net --older 2h --dry-run", $"queue {name} --reason 'mailbox full' --yes"],
            [Id, .. selection.Options, all, dryRun, yes], async (context, cancel) =>
            {
                var (id, query) = (context.GetOptional(Id), selection.ToQuery(context));
                if ((id is null ? 0 : 1) + (query.Length > 0 || context.Get(all) ? 1 : 0) != 1)
                    throw new CommandFailure($"give either a message id or options that select messages ({selection.Names} or --all)", ExitCodes.Usage);
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                if (id is not null) return await OneAsync(context, server, kind, id, context.Get(dryRun), cancel);
                if (query.Length == 0) query = QueueFilterQuery.AllMessages + "=true";
                return await ManyAsync(context, server, kind, query, context.Get(dryRun), context.Get(yes), cancel);
            });
    }

    private static async Task<int> OneAsync(CommandContext context, AdminClient server, QueueAction kind, string id, bool isDry, CancellationToken cancel)
    {
        var path = $"queue/{Uri.EscapeDataString(id)}{kind.Path}" + (isDry ? "?dry_run=true" : "");
        var changed = await server.RequestAsync<QueueChangeDocument>(kind.Method, path, cancel) ?? throw QueueCommands.NotQueued(id);
        context.WriteLine(changed.Messages == 0 ? $"nothing changed: message '{id}': {changed.Reason}"
            : isDry ? $"would {kind.Verb} {Quantity.Of(1, "message")}"
            : $"{kind.Done} {Quantity.Of(1, "message")}");
        return ExitCodes.Success;
    }

    private static async Task<int> ManyAsync(CommandContext context, AdminClient server, QueueAction kind, string query, bool isDry, bool isSure, CancellationToken cancel)
    {
        var preview = await ChangeAsync(server, kind, query + "&dry_run=true", cancel);
        var count = preview.Messages;
        if (isDry || count == 0)
        {
            var text = count == 0 && preview.Unchanged == 0 ? "no messages match" : isDry ? $"would {kind.Verb} {Quantity.Of(count, "message")}" : "nothing changed";
            context.WriteLine(text + Rest(preview));
            return ExitCodes.Success;
        }

        if (!isSure && !context.Shell.IsInteractive) throw new CommandFailure($"this would {kind.Verb} {Quantity.Of(count, "message")}, and there is no terminal to confirm on; use --yes", ExitCodes.Usage);
        if (!isSure && !await context.Shell.ConfirmAsync($"{char.ToUpperInvariant(kind.Verb[0])}{kind.Verb[1..]} {Quantity.Of(count, "message")}?", cancel)) throw new CommandFailure("nothing was changed");
        var changed = await ChangeAsync(server, kind, query, cancel);
        context.WriteLine((changed.Messages == 0 ? "nothing changed" : $"{kind.Done} {Quantity.Of(changed.Messages, "message")} ({Quantity.Of(changed.Recipients, "recipient")})") + Rest(changed));
        return ExitCodes.Success;
    }

    /// <summary>The suffix that tells how many matching messages the change does not apply to.</summary>
    private static string Rest(QueueChangeDocument changed) => changed.Unchanged == 0 ? "" : $"; {Quantity.Of(changed.Unchanged, "message")} unchanged: {changed.Reason}";

    private static async Task<QueueChangeDocument> ChangeAsync(AdminClient server, QueueAction kind, string query, CancellationToken cancel) =>
        await server.RequestAsync<QueueChangeDocument>(kind.Method, $"queue{kind.Path}?{query}", cancel)
            ?? throw new CommandFailure("the server cannot change several messages at once: is it a different version?");

    /// <param name="Name">The name of the command.</param>
    /// <param name="Description">Its help.</param>
    /// <param name="Method">The HTTP method of the admin API.</param>
    /// <param name="Path">The path of the admin API, after the message's id if there is one.</param>
    /// <param name="Verb">The verb for a question or a dry run.</param>
    /// <param name="Done">The verb for the result.</param>
    private sealed record QueueAction(string Name, string Description, HttpMethod Method, string Path, string Verb, string Done);
}
