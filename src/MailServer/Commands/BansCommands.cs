using System.CommandLine;
using System.Globalization;
using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Access;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>bans list|add|remove|allow</c>: banned addresses and networks of the running server, and those that are never banned.</summary>
internal static class BansCommands
{
    private static readonly Argument<string> NetworkArgument = new("NETWORK") { Description = "An IP address or a network such as 192.0.2.0/24. An IPv6 address stands for its /64 network." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "bans", "List, add and remove banned IP addresses and networks.", List(factory), Add(factory), Remove(factory), CommandFactory.Group(
            "allow", "Manage the networks that are never banned: passwords can be guessed from there for ever, though slowly.", ListAllowed(factory), Allow(factory), Disallow(factory)));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List the bans, soonest to expire first.", ["bans list"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("network", "since", "until", "by_hand", "reason");
            foreach (var ban in (await server.GetAsync<BanListDocument>("bans", cancel)).Bans)
                listing.Add(ban.Network, ban.Since, ban.Until is { } until ? until : "until removed", ban.ByHand, ban.Reason);
            return context.Print(listing);
        });

    private static Command Add(CommandFactory factory)
    {
        var time = new Option<string>("--for") { Description = "How long the ban lasts, such as 2h or 30d. Default: until removed.", HelpName = "TIME" };
        var reason = new Option<string>("--reason") { Description = "The reason, shown by 'bans list'.", HelpName = "TEXT" };
        return factory.Action(
            "add", "Ban an IP address or a network from every port, including incoming mail.", ["bans add 192.0.2.7 --for 2d --reason 'scans all day'", "bans add 198.51.100.0/24"], [NetworkArgument, time, reason], async (context, cancel) =>
            {
                var network = Network(context);
                var query = $"reason={Uri.EscapeDataString(context.Get(reason) ?? "manual")}";
                if (context.Get(time) is { } text)
                {
                    if (!ConfigurationValues.Duration.TryRead(text, out var howLong)) throw new CommandFailure($"--for takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
                    query += string.Create(CultureInfo.InvariantCulture, $"&seconds={(long)howLong.TotalSeconds}");
                }

                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                await server.ChangeAsync(HttpMethod.Put, $"bans/{network}?{query}", cancel);
                context.WriteLine($"banned {NetworkText.Describe(network)}");
                if (OwnAddress(context) is { } own && network.Contains(own))
                    context.Shell.WriteError($"warning: your own address {own} is banned now: mail programs and the web page do not work from there; 'mailserver bans remove {network}' removes the ban");
                return ExitCodes.Success;
            });
    }

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Remove the ban of an IP address or a network.", ["bans remove 192.0.2.7"], [NetworkArgument], static async (context, cancel) =>
        {
            var network = Network(context);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await server.ChangeAsync(HttpMethod.Delete, $"bans/{network}", cancel)) throw new CommandFailure($"{NetworkText.Describe(network)} is not banned; see 'mailserver bans list'");
            context.WriteLine($"removed the ban of {NetworkText.Describe(network)}");
            return ExitCodes.Success;
        });

    private static Command ListAllowed(CommandFactory factory) => factory.Action(
        "list", "List the networks that are never banned.", ["bans allow list"], [factory.Json], static async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("network", "since", "reason");
            foreach (var allowed in (await server.GetAsync<AllowedListDocument>("allowed", cancel)).Networks) listing.Add(allowed.Network, allowed.Since, allowed.Reason);
            return context.Print(listing);
        });

    private static Command Allow(CommandFactory factory)
    {
        var reason = new Option<string>("--reason") { Description = "The reason, shown by 'bans allow list'.", HelpName = "TEXT" };
        return factory.Action(
            "add", "Never ban a network. Bans within it are removed. Failed sign-ins from there are still slowed down.", ["bans allow add 203.0.113.0/28 --reason 'our office'"], [NetworkArgument, reason], async (context, cancel) =>
            {
                var network = Network(context);
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                await server.ChangeAsync(HttpMethod.Put, $"allowed/{network}?reason={Uri.EscapeDataString(context.Get(reason) ?? "manual")}", cancel);
                context.WriteLine($"{NetworkText.Describe(network)} is never banned");
                return ExitCodes.Success;
            });
    }

    private static Command Disallow(CommandFactory factory) => factory.Action(
        "remove", "Remove a network from the list, so that it can be banned again.", ["bans allow remove 203.0.113.0/28"], [NetworkArgument], static async (context, cancel) =>
        {
            var network = Network(context);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await server.ChangeAsync(HttpMethod.Delete, $"allowed/{network}", cancel)) throw new CommandFailure($"{NetworkText.Describe(network)} is not on the list; see 'mailserver bans allow list'");
            context.WriteLine($"{NetworkText.Describe(network)} can be banned again");
            return ExitCodes.Success;
        });

    /// <summary>The address from which the administrator is signed in to this machine with SSH; null if it is not known.</summary>
    private static IPAddress? OwnAddress(CommandContext context) =>
        context.Shell.Environment["SSH_CONNECTION"] is string text && IPAddress.TryParse(text.Split(' ')[0], out var address) ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address : null;

    private static IPNetwork Network(CommandContext context) => NetworkText.TryParse(context.Get(NetworkArgument), out var network)
        ? network.Value
        : throw new CommandFailure($"'{context.Get(NetworkArgument)}' is not {NetworkText.Allowed}, or is too wide", ExitCodes.Usage);
}
