using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>cluster show|shards|events|leave|down|move|migrate</c>: the nodes that serve the same accounts.</summary>
internal static class ClusterCommands
{
    private static readonly Option<string> s_node = new("--node") { Description = "The node; without it the one that is asked.", HelpName = "NAME" };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "cluster", "Several nodes that serve the same accounts.", Show(factory), Shards(factory), ClusterEventsCommand.Create(factory), Leave(factory), Down(factory), Move(factory), ClusterMigrateCommand.Create(factory));

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Shows the nodes as the node that is asked sees them, and what lives on each.", ["cluster show", "cluster show --json"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("node", "status", "reachable", "oldest", "address", "sessions", "mailboxes", "collections");
            foreach (var n in (await FindAsync(server, cancel)).Nodes)
                listing.Add(n.Name, n.Status, n.Reachable, n.Oldest, n.Address, Count(n.Sessions), Count(n.Mailboxes), Count(n.Collections));
            return context.Print(listing);
        });

    private static Command Shards(CommandFactory factory) => factory.Action(
        "shards", "Lists the shards that have open mailboxes: accounts move from node to node by shards.", ["cluster shards"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("shard", "node", "open");
            foreach (var s in (await server.FindAsync<ShardListDocument>("cluster/shards", cancel) ?? throw Alone()).Shards) listing.Add(s.Shard, s.Node, s.Open);
            return context.Print(listing);
        });

    private static Command Leave(CommandFactory factory) => factory.Action(
        "leave",
        "Hand over the accounts of a node and end it; its clients reconnect to the other node. systemd then starts it again: to keep it down use 'systemctl stop mailserver', which hands over too.",
        ["cluster leave", "cluster leave --node b"], [s_node], (context, cancel) => ActAsync(context, "leave", "leaves", cancel));

    private static Command Down(CommandFactory factory) => factory.Action(
        "down",
        "Declares a node dead that cannot be reached, where the cluster has not done so itself. The node must not run any more: make sure of it first.",
        ["cluster down --node b"], [s_node], (context, cancel) => ActAsync(context, "down", "is declared dead", cancel));

    private static Command Move(CommandFactory factory)
    {
        var account = new Argument<string>("ACCOUNT") { Description = "The user's address." };
        var node = new Argument<string>("NODE") { Description = "The name of a node; 'mailserver cluster show' lists them." };
        return factory.Action(
            "move",
            "Moves an account, and those of its shard, to a node, where they stay as long as that is there. Connections are kept.",
            ["cluster move ann@example.org b"], [account, node], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var address = CommandContext.Address(context.Get(account)).ToString();
                await FindAsync(server, cancel);
                if (!await server.ChangeAsync(HttpMethod.Post, $"cluster/{Uri.EscapeDataString(context.Get(node))}/take/{Uri.EscapeDataString(address)}", cancel))
                    throw new CommandFailure($"no account '{address}', or no node '{context.Get(node)}'; try 'mailserver cluster show'");
                context.Say($"{address} moves to {context.Get(node)}, in the next seconds");
                return ExitCodes.Done;
            });
    }

    private static async Task<int> ActAsync(CommandContext context, string what, string said, CancellationToken cancel)
    {
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var nodes = (await FindAsync(server, cancel)).Nodes;
        var name = context.Get(s_node) ?? nodes.First(static n => n.Self).Name;
        if (what == "down" && nodes.FirstOrDefault(n => n.Name == name) is { Reachable: true })
            throw new CommandFailure($"node '{name}' can be reached: let it leave instead ('mailserver cluster leave --node {name}')");
        if (!await server.ChangeAsync(HttpMethod.Post, $"cluster/{Uri.EscapeDataString(name)}/{what}", cancel)) throw new CommandFailure($"no node '{name}'; try 'mailserver cluster show'");
        context.Say($"{name} {said}");
        return ExitCodes.Done;
    }

    private static async Task<ClusterDocument> FindAsync(AdminClient server, CancellationToken cancel) =>
        await server.FindAsync<ClusterDocument>("cluster", cancel) ?? throw Alone();

    internal static CommandFailure Alone() => new("this server is no node of a cluster (cluster.enabled)");

    private static object Count(int? count) => count is { } n ? n : "";
}
