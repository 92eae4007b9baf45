using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>queue test</c>: sends a test message to any address, and prints its trace as it grows.</summary>
internal static class QueueTestCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(CommandFactory factory)
    {
        var to = new Argument<string>("ADDRESS") { Description = "The recipient, at any server." };
        var from = new Option<string>("--from") { Description = "The sender, an address of this server. Default: the postmaster of the first domain.", HelpName = "ADDRESS" };
        var wait = new Option<string>("--wait") { Description = "How long to wait for the delivery, such as 10s or 5m. Default: 30s.", HelpName = "TIME" };
        return factory.Action(
            "test", "Send a test message and show its trace, until it is delivered, has failed or waits for a retry.", ["queue test somebody@example.net", "queue test somebody@example.net --from ann@example.org --wait 2m"],
            [to, from, wait, factory.Json], async (context, cancel) =>
            {
                var patience = Patience;
                if (context.Get(wait) is { } text && !ConfigurationValues.Duration.TryRead(text, out patience)) throw new CommandFailure($"--wait takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
                var recipient = CommandContext.Address(context.Get(to));
                var sender = context.Get(from) is { } own ? CommandContext.Address(own).ToString() : "";
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var sent = await server.RequestAsync<DeliveryTestDocument>(HttpMethod.Post, $"queue/test?to={Uri.EscapeDataString(recipient.ToString())}&from={Uri.EscapeDataString(sender)}", cancel)
                    ?? throw new CommandFailure("the server cannot send test messages: is it a different version?");
                var story = await WatchAsync(context, server, sent.Id, patience, cancel);
                if (context.WantsJson) Print(context, story);
                var result = ResultOf(sent, story);
                if (!context.WantsJson) context.WriteLine($"{(result.IsDone ? "delivered" : "not delivered")}: {result.Text}");
                return result.IsDone ? ExitCodes.Success : ExitCodes.Failed;
            });
    }

    /// <summary>Prints each step once, until nothing more happens soon.</summary>
    private static async Task<TraceDocument?> WatchAsync(CommandContext context, AdminClient server, string id, TimeSpan patience, CancellationToken cancel)
    {
        var (start, shown) = (context.Shell.Time.GetTimestamp(), 0);
        while (true)
        {
            var story = (await server.GetAsync<IReadOnlyList<TraceDocument>>($"queue/trace?id={Uri.EscapeDataString(id)}", cancel)).FirstOrDefault(s => s.Id == id);
            foreach (var step in (story?.Steps ?? []).Skip(shown))
            {
                if (!context.WantsJson) context.WriteLine($"{UtcText.WithMilliseconds(step.At)} {step.Recipient} {step.What}".Replace("  ", " ", StringComparison.Ordinal));
                shown++;
            }

            var isSettled = story is { Steps.Count: > 0 } && (story.Queued is null || story.Queued.Recipients.All(static r => r.State != "waiting" || r.Attempts > 0));
            if (isSettled || context.Shell.Time.GetElapsedTime(start) > patience) return story;
            await Task.Delay(BetweenLooks, context.Shell.Time, cancel);
        }
    }

    private static (bool IsDone, string Text) ResultOf(DeliveryTestDocument sent, TraceDocument? story)
    {
        if (!sent.Accepted) return (false, sent.Reply);
        if (story?.Queued is not { } queued) return story?.Steps.FirstOrDefault(static s => s.What.StartsWith("failed", StringComparison.Ordinal)) is { } failed ? (false, failed.What) : (true, $"message '{sent.Id}' from {sent.From}");
        return (false, queued.Recipients.Select(static r => r.Reply).FirstOrDefault(static r => r.Length > 0) is { } reply
            ? $"it waits for a retry after '{reply}'; see 'mailserver queue trace {sent.Id}'"
            : $"it is in the queue; see 'mailserver queue trace {sent.Id}'");
    }

    private static void Print(CommandContext context, TraceDocument? story)
    {
        var listing = new Listing("at", "message", "recipient", "what");
        foreach (var step in story?.Steps ?? []) listing.Add(step.At, story!.Id, step.Recipient, step.What);
        context.Print(listing);
    }
}
