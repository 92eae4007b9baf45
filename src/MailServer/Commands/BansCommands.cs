using System.CommandLine;
using System.Globalization;
using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>bans list|add|remove</c>: who is kept out of the running server.</summary>
internal static class BansCommands
{
    private static readonly Argument<string> s_address = new("ADDRESS") { Description = "An IP address; of an IPv6 address, its network of 64 bits is meant." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group("bans", "Addresses that are kept out.", List(factory), Add(factory), Remove(factory));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "Lists the bans, the one that ends soonest first.", ["bans list"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("network", "since", "until", "by_hand", "reason");
            foreach (var ban in (await server.GetAsync<BanListDocument>("bans", cancel)).Bans)
                listing.Add(ban.Network, ban.Since, ban.Until is { } until ? until : "for ever", ban.ByHand, ban.Reason);
            return context.Print(listing);
        });

    private static Command Add(CommandFactory factory)
    {
        var time = new Option<string>("--for") { Description = "How long, such as 2h or 30d; without it, until it is removed.", HelpName = "TIME" };
        var reason = new Option<string>("--reason") { Description = "Why, for whoever reads the list.", HelpName = "TEXT" };
        return factory.Action(
            "add", "Keeps an address out of every port, also the one for incoming mail.", ["bans add 192.0.2.7 --for 2d --reason 'scans all day'"], [s_address, time, reason], async (context, cancel) =>
            {
                var address = Address(context.Get(s_address));
                var query = $"reason={Uri.EscapeDataString(context.Get(reason) ?? "by hand")}";
                if (context.Get(time) is { } text)
                {
                    if (!ConfigurationValues.Duration.TryRead(text, out var howLong)) throw new CommandFailure($"--for takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
                    query += string.Create(CultureInfo.InvariantCulture, $"&seconds={(long)howLong.TotalSeconds}");
                }

                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                await server.ChangeAsync(HttpMethod.Put, $"bans/{Uri.EscapeDataString(address.ToString())}?{query}", cancel);
                context.Say($"banned {address}");
                return ExitCodes.Done;
            });
    }

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Lets an address in again.", ["bans remove 192.0.2.7"], [s_address], async (context, cancel) =>
        {
            var address = Address(context.Get(s_address));
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await server.ChangeAsync(HttpMethod.Delete, $"bans/{Uri.EscapeDataString(address.ToString())}", cancel)) throw new CommandFailure($"{address} is not banned; see 'mailserver bans list'");
            context.Say($"removed the ban of {address}");
            return ExitCodes.Done;
        });

    // As the list shows it, a network may be typed too.
    private static IPAddress Address(string text) => IPAddress.TryParse(text.EndsWith("/64", StringComparison.Ordinal) ? text[..^3] : text, out var address)
        ? address
        : throw new CommandFailure($"'{text}' is not an IP address", ExitCodes.Usage);
}
