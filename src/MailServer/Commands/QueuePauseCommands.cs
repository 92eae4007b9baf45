using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Delivery;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>queue pause|resume|paused</c>: destinations to which nothing is sent for now.</summary>
internal static class QueuePauseCommands
{
    private static readonly Argument<string?> Domain = new("DOMAIN") { Description = "The domain of the recipients.", Arity = ArgumentArity.ZeroOrOne };

    public static IEnumerable<Command> Create(CommandFactory factory) => [Pause(factory), Resume(factory), List(factory)];

    private static Command Pause(CommandFactory factory)
    {
        var all = All("Pause all mail to other servers.");
        var reason = new Option<string>("--reason") { Description = "The reason, shown by 'queue paused'.", HelpName = "TEXT" };
        return factory.Action(
            "pause", "Send nothing to a domain, or to any other server, until 'queue resume'. Mail stays in the queue, also over restarts, and none is returned meanwhile.",
            ["queue pause example.net --reason 'blocks us'", "queue pause --all"], [Domain, all, reason], (context, cancel) =>
                ChangeAsync(context, HttpMethod.Put, Destination(context, all), $"?reason={Uri.EscapeDataString(context.Get(reason) ?? "")}", "paused", cancel));
    }

    private static Command Resume(CommandFactory factory)
    {
        var all = All("End the pause of all mail. Domains that were paused by name stay paused.");
        return factory.Action(
            "resume", "Send to a paused domain again. Each of its messages is tried at once.", ["queue resume example.net", "queue resume --all"], [Domain, all], (context, cancel) =>
                ChangeAsync(context, HttpMethod.Delete, Destination(context, all), "", "resumed", cancel));
    }

    private static Command List(CommandFactory factory) => factory.Action(
        "paused", "List the destinations to which nothing is sent for now.", ["queue paused"], [factory.Json], static async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("domain", "since", "reason") { HasDomains = true };
            foreach (var pause in (await server.GetAsync<QueuePauseListDocument>("queue/paused", cancel)).Pauses) listing.Add(pause.Domain, pause.Since, pause.Reason);
            return context.Print(listing);
        });

    private static Option<bool> All(string description) => new("--all") { Description = description };

    private static string Destination(CommandContext context, Option<bool> all)
    {
        var domain = context.GetOptional(Domain);
        if ((domain is not null) == context.Get(all)) throw new CommandFailure("give either a domain or --all", ExitCodes.Usage);
        return domain is null ? QueuePause.Everything : CommandContext.Domain(domain);
    }

    private static async Task<int> ChangeAsync(CommandContext context, HttpMethod method, string domain, string query, string done, CancellationToken cancel)
    {
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var changed = await server.RequestAsync<ChangeDocument>(method, $"queue/paused/{Uri.EscapeDataString(domain)}{query}", cancel)
            ?? throw new CommandFailure("the server cannot pause the queue: is it a different version?");
        var what = domain == QueuePause.Everything ? "all mail to other servers" : $"mail to {domain}";
        context.WriteLine(changed.Changed ? $"{done} {what}" : $"nothing changed: {what}: {changed.Reason}");
        if (changed.Hint.Length > 0) context.Shell.WriteError($"note: {changed.Hint}");
        return ExitCodes.Success;
    }
}
