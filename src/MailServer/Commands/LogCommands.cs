using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>log level</c>: how much the running server logs.</summary>
internal static class LogCommands
{
    public static Command Create(CommandFactory factory)
    {
        var name = new Argument<string?>("NAME") { Description = "The component, or 'all'.", Arity = ArgumentArity.ZeroOrOne };
        var level = new Argument<string?>("LEVEL") { Description = "The level: trace, debug, info, warning or error.", Arity = ArgumentArity.ZeroOrOne };
        return CommandFactory.Group("log", "Change how much the running server logs.", factory.Action(
            "level", "Change the log level of a component at run time, until the next restart. Without arguments, list the components.", ["log level", "log level imap debug", "log level all info"],
            [name, level, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var (part, wanted) = (context.GetOptional(name), context.GetOptional(level));
                if (part is not null && wanted is null) throw new CommandFailure("LEVEL is missing (trace, debug, info, warning, error)", ExitCodes.Usage);
                if (part is not null && !await server.ChangeAsync(HttpMethod.Put, $"log/{Uri.EscapeDataString(part)}/{Uri.EscapeDataString(wanted!)}", cancel))
                    throw new CommandFailure($"no component '{part}' or no level '{wanted}'; see 'mailserver log level'", ExitCodes.Usage);
                var listing = new Listing("name", "level");
                foreach (var l in (await server.GetAsync<LogLevelListDocument>("log", cancel)).Levels)
                    if (part is null || l.Name == part) listing.Add(l.Name, l.Level);
                return context.Print(listing);
            }));
    }
}
