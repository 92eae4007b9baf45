using System.CommandLine;
using System.Globalization;
using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>bans list|add|remove</c>: banned IP addresses of the running server.</summary>
internal static class BansCommands
{
    private static readonly Argument<string> AddressArgument = new("ADDRESS") { Description = "An IP address. For IPv6 the whole /64 network is banned." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group("bans", "List, add and remove banned IP addresses.", List(factory), Add(factory), Remove(factory));

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
            "add", "Ban an IP address from every port, including incoming mail.", ["bans add 192.0.2.7 --for 2d --reason 'scans all day'"], [AddressArgument, time, reason], async (context, cancel) =>
            {
                var address = Address(context.Get(AddressArgument));
                var query = $"reason={Uri.EscapeDataString(context.Get(reason) ?? "manual")}";
                if (context.Get(time) is { } text)
                {
                    if (!ConfigurationValues.Duration.TryRead(text, out var howLong)) throw new CommandFailure($"--for takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
                    query += string.Create(CultureInfo.InvariantCulture, $"&seconds={(long)howLong.TotalSeconds}");
                }

                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                await server.ChangeAsync(HttpMethod.Put, $"bans/{Uri.EscapeDataString(address.ToString())}?{query}", cancel);
                context.WriteLine($"banned {address}");
                return ExitCodes.Success;
            });
    }

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Remove the ban of an IP address.", ["bans remove 192.0.2.7"], [AddressArgument], async (context, cancel) =>
        {
            var address = Address(context.Get(AddressArgument));
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await server.ChangeAsync(HttpMethod.Delete, $"bans/{Uri.EscapeDataString(address.ToString())}", cancel)) throw new CommandFailure($"{address} is not banned; see 'mailserver bans list'");
            context.WriteLine($"removed the ban of {address}");
            return ExitCodes.Success;
        });

    // 'bans list' shows IPv6 bans as /64 networks; accept that form.
    private static IPAddress Address(string text) => IPAddress.TryParse(text.EndsWith("/64", StringComparison.Ordinal) ? text[..^3] : text, out var address)
        ? address
        : throw new CommandFailure($"'{text}' is not an IP address", ExitCodes.Usage);
}
