using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>sessions page list|end</c>: browsers that are signed in to the web page of the running server.</summary>
internal static class PageSessionCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("page", "List and end sign-ins to the web page. Each node of a cluster has its own.", List(factory), End(factory));

    private static Command List(CommandFactory factory)
    {
        var account = new Option<string>("--account") { Description = "Show only the sessions of this user.", HelpName = "ADDRESS" };
        return factory.Action("list", "List the browsers that are signed in to the web page, the one used last first.", ["sessions page list", "sessions page list --account ann@example.org"], [account, factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var query = context.Get(account) is { } text ? $"?account={Uri.EscapeDataString(CommandContext.Address(text).ToString())}" : "";
            var sessions = await server.FindAsync<PageSessionListDocument>("page-sessions" + query, cancel) ?? throw NoUser(context.Get(account));
            var listing = new Listing("id", "account", "browser", "address", "since", "last_used", "second_factor");
            foreach (var each in sessions.Sessions) listing.Add(each.Id, each.Account, each.Browser, each.Address, each.StartedAt, each.LastUsedAt, each.SecondFactor);
            return context.Print(listing);
        });
    }

    private static Command End(CommandFactory factory)
    {
        var id = new Argument<string?>("ID") { Description = "The id, as shown by 'sessions page list'.", Arity = ArgumentArity.ZeroOrOne };
        var account = new Option<string>("--account") { Description = "End all sessions of this user.", HelpName = "ADDRESS" };
        return factory.Action("end", "Sign a browser out of the web page, or all browsers of a user.", ["sessions page end 0A1B2C3D4E5F6071", "sessions page end --account ann@example.org"], [id, account], async (context, cancel) =>
        {
            var (one, user) = (context.GetOptional(id), context.Get(account));
            if ((one is null) == (user is null)) throw new CommandFailure("give either an id or --account", ExitCodes.Usage);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (one is not null)
            {
                if (!await server.ChangeAsync(HttpMethod.Delete, $"page-sessions/{Uri.EscapeDataString(one)}", cancel)) throw new CommandFailure($"no open session '{one}'; see 'mailserver sessions page list'");
                context.WriteLine("signed the browser out");
                return ExitCodes.Success;
            }

            var path = $"page-sessions?account={Uri.EscapeDataString(CommandContext.Address(user!).ToString())}";
            var ended = await server.RequestAsync<PageSessionsEndedDocument>(HttpMethod.Delete, path, cancel) ?? throw NoUser(user);
            context.WriteLine(ended.Ended == 0 ? $"nothing changed: {user} is not signed in" : $"ended {Quantity.Of(ended.Ended, "session")} of {user}");
            return ExitCodes.Success;
        });
    }

    private static CommandFailure NoUser(string? address) => new($"no user '{address}'; see 'mailserver user list'");
}
