using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>log level</c>: how much the running server logs.</summary>
internal static class LogCommands
{
    public static Command Create(CommandFactory factory)
    {
        var name = new Argument<string?>("NAME") { Description = "The part of the server, or 'all'.", Arity = ArgumentArity.ZeroOrOne };
        var level = new Argument<string?>("LEVEL") { Description = "trace, debug, info, warning or error.", Arity = ArgumentArity.ZeroOrOne };
        return CommandFactory.Group("log", "What the running server logs.", factory.Action(
            "level", "Changes how much a part of the server logs, until it stops; without arguments, lists the parts.", ["log level", "log level imap debug", "log level all info"],
            [name, level, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var (part, wanted) = (context.GetOptional(name), context.GetOptional(level));
                if (part is not null && wanted is null) throw new CommandFailure("which level? one of trace, debug, info, warning, error", ExitCodes.Usage);
                if (part is not null && !await server.ChangeAsync(HttpMethod.Put, $"log/{Uri.EscapeDataString(part)}/{Uri.EscapeDataString(wanted!)}", cancel))
                    throw new CommandFailure($"there is no part '{part}', or no level '{wanted}'; see 'mailserver log level'", ExitCodes.Usage);
                var listing = new Listing("name", "level");
                foreach (var l in (await server.GetAsync<LogLevelListDocument>("log", cancel)).Levels)
                    if (part is null || l.Name == part) listing.Add(l.Name, l.Level);
                return context.Print(listing);
            }));
    }
}
