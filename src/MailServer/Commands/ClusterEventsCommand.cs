using System.CommandLine;
using System.Text.Json;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>cluster events</c>: past and live events of the cluster.</summary>
internal static class ClusterEventsCommand
{
    private const int Usual = 50;

    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Keep printing new events until Ctrl-C." };
    private static readonly Option<int?> Max = new("--max") { Description = "Show at most the N latest events. Default: 50.", HelpName = "N" };

    public static Command Create(CommandFactory factory) => factory.Action(
        "events",
        "Show cluster events with their times: nodes that joined, left or became unreachable, the lease, shard placement, and which node runs each singleton.",
        ["cluster events", "cluster events --follow", "cluster events --max 10 --json"], [Follow, Max, factory.Json], async (context, cancel) =>
        {
            if (context.Get(Max) is < 0) throw new CommandFailure("--max must not be negative", ExitCodes.Usage);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var most = context.Get(Max) ?? Usual;
            var before = (await server.FindAsync<ClusterEventListDocument>("cluster/events", cancel) ?? throw ClusterCommands.NotClustered()).Events.TakeLast(most);
            if (!context.Get(Follow)) return Print(context, before);
            foreach (var happened in before) Say(context, happened);
            await context.FlushAsync(cancel);
            await foreach (var happened in server.StreamAsync<ClusterEventDocument>("cluster/events/follow", static () => { }, cancel))
            {
                Say(context, happened);
                await context.FlushAsync(cancel);
            }

            return ExitCodes.Success;
        });

    private static int Print(CommandContext context, IEnumerable<ClusterEventDocument> events)
    {
        var listing = new Listing("at", "kind", "node", "what", "seen_by");
        foreach (var e in events) listing.Add(e.At, e.Kind, e.Node, e.Text, e.SeenBy);
        return context.Print(listing);
    }

    private static void Say(CommandContext context, ClusterEventDocument e) => context.WriteLine(context.WantsJson
        ? JsonSerializer.Serialize(e, RuntimeJson.Default.ClusterEventDocument)
        : $"{UtcText.Of(e.At)} {e.Kind,-11} {e.Node}: {e.Text} (seen by {e.SeenBy})");
}
