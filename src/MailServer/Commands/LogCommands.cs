using System.CommandLine;
using MailServer.Common;
using MailServer.Hosting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>log level|show</c>: how much the running server logs, and the end of the log file.</summary>
internal static class LogCommands
{
    public static Command Create(CommandFactory factory)
    {
        var name = new Argument<string?>("NAME") { Description = "The component, or 'all'.", Arity = ArgumentArity.ZeroOrOne };
        var level = new Argument<string?>("LEVEL") { Description = "The level: trace, debug, info, warning or error.", Arity = ArgumentArity.ZeroOrOne };
        return CommandFactory.Group("log", "Search the log file, and change how much the running server logs.", Show(factory), factory.Action(
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

    private static Command Show(CommandFactory factory)
    {
        var search = new Option<string>("--search") { Description = "Show only lines that contain all these words.", HelpName = "WORDS" };
        var least = new Option<string>("--level") { Description = "Show only events of at least this level: debug, info, warning or error.", HelpName = "LEVEL" };
        least.AcceptOnlyFromAmong("debug", "info", "warning", "error");
        var max = new Option<int>("--max") { Description = "Show at most the N newest lines.", HelpName = "N", DefaultValueFactory = static _ => 1_000 };
        return factory.Action(
            "show", "Show the newest lines of the log file (logging.output). The last 8 MB are searched.", ["log show --level warning", "log show --search 'ann@example.org refused' --max 50"], [search, least, max, factory.Json], (context, _) =>
            {
                var found = LogFileReader.Read(context.Options.Logging, new LogFilter(context.Get(search), context.Get(least), Math.Max(1, context.Get(max))));
                if (found.File is null) throw new CommandFailure("the log is not written to a file; with systemd 'journalctl -u mailserver' shows it, and logging.output names a file");
                if (found.Problem is { } problem) throw new CommandFailure(problem);
                var listing = new Listing("level", "line");
                foreach (var line in found.Lines)
                {
                    if (context.WantsJson) listing.Add(line.Level, line.Text);
                    else context.WriteLine(line.Text);
                }

                return Task.FromResult(context.WantsJson ? context.Print(listing) : ExitCodes.Success);
            });
    }
}
