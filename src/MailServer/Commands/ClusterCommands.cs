using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>cluster show|shards|events|leave|down|move|migrate</c>: the nodes that serve the same accounts.</summary>
internal static class ClusterCommands
{
    private static readonly Option<string> Node = new("--node") { Description = "The node. Default: the node that this command runs on.", HelpName = "NAME" };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "cluster", "Show and change the nodes of a cluster.", Show(factory), Shards(factory), ClusterEventsCommand.Create(factory), Leave(factory), Down(factory), Move(factory), ClusterMigrateCommand.Create(factory));

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Show the nodes as seen by this node, and what runs on each.", ["cluster show", "cluster show --json"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("node", "status", "reachable", "oldest", "address", "sessions", "mailboxes", "collections");
            foreach (var n in (await FindAsync(server, cancel)).Nodes)
                listing.Add(n.Name, n.Status, n.Reachable, n.Oldest, n.Address, Count(n.Sessions), Count(n.Mailboxes), Count(n.Collections));
            return context.Print(listing);
        });

    private static Command Shards(CommandFactory factory) => factory.Action(
        "shards", "List the shards with open mailboxes. Accounts move between nodes in whole shards.", ["cluster shards"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("shard", "node", "open");
            foreach (var s in (await server.FindAsync<ShardListDocument>("cluster/shards", cancel) ?? throw NotClustered()).Shards) listing.Add(s.Shard, s.Node, s.Open);
            return context.Print(listing);
        });

    private static Command Leave(CommandFactory factory) => factory.Action(
        "leave",
        "Hand over a node's accounts and stop it; its clients reconnect to another node. systemd then restarts it: to keep it stopped, use 'systemctl stop mailserver', which hands over too.",
        ["cluster leave", "cluster leave --node b"], [Node], (context, cancel) => ActAsync(context, "leave", "is leaving the cluster", cancel));

    private static Command Down(CommandFactory factory) => factory.Action(
        "down",
        "Declare an unreachable node dead when the cluster has not done so itself. First make sure that the node no longer runs.",
        ["cluster down --node b"], [Node], (context, cancel) => ActAsync(context, "down", "was declared dead", cancel));

    private static Command Move(CommandFactory factory)
    {
        var account = new Argument<string>("ACCOUNT") { Description = "The user's address." };
        var node = new Argument<string>("NODE") { Description = "The name of a node, as shown by 'mailserver cluster show'." };
        return factory.Action(
            "move",
            "Move a user's account and its whole shard to a node; they stay there as long as the node is up. Connections are kept.",
            ["cluster move ann@example.org b"], [account, node], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var address = CommandContext.Address(context.Get(account)).ToString();
                await FindAsync(server, cancel);
                if (!await server.ChangeAsync(HttpMethod.Post, $"cluster/{Uri.EscapeDataString(context.Get(node))}/take/{Uri.EscapeDataString(address)}", cancel))
                    throw new CommandFailure($"no user '{address}' or no node '{context.Get(node)}'; see 'mailserver user list' and 'mailserver cluster show'");
                context.WriteLine($"{address} moves to {context.Get(node)} within seconds");
                return ExitCodes.Success;
            });
    }

    private static async Task<int> ActAsync(CommandContext context, string what, string said, CancellationToken cancel)
    {
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var nodes = (await FindAsync(server, cancel)).Nodes;
        var name = context.Get(Node) ?? nodes.First(static n => n.Self).Name;
        if (what == "down" && nodes.FirstOrDefault(n => n.Name == name) is { Reachable: true })
            throw new CommandFailure($"node '{name}' is reachable: use 'mailserver cluster leave --node {name}' instead");
        if (!await server.ChangeAsync(HttpMethod.Post, $"cluster/{Uri.EscapeDataString(name)}/{what}", cancel)) throw new CommandFailure($"no node '{name}'; see 'mailserver cluster show'");
        context.WriteLine($"{name} {said}");
        return ExitCodes.Success;
    }

    private static async Task<ClusterDocument> FindAsync(AdminClient server, CancellationToken cancel) =>
        await server.FindAsync<ClusterDocument>("cluster", cancel) ?? throw NotClustered();

    internal static CommandFailure NotClustered() => new("clustering is not enabled (cluster.enabled)");

    private static object Count(int? count) => count is { } n ? n : "";
}
