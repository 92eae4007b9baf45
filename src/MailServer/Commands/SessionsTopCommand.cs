using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MailServer.Commands;

/// <summary><c>sessions top</c>: the sessions with the most traffic, live.</summary>
internal static class SessionsTopCommand
{
    private const int MostRows = 200;
    private static readonly string[] Columns = ["id", "listener", "account", "address", "client", "state", "last command", "in", "out", "per second"];
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(100);

    public static Command Create(CommandFactory factory)
    {
        var interval = new Option<int>("--interval") { Description = "Refresh every N seconds.", HelpName = "N", DefaultValueFactory = _ => 2 };
        return factory.Action(
            "top", "Show the sessions with the most traffic, live, until q or Ctrl-C. If output is not a terminal, print them once.", ["sessions top", "sessions top --interval 1"], [interval], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                if (!context.Shell.OutIsTerminal) return context.Print(SessionsCommands.ToListing((await AskAsync(server, cancel)).Sessions));
                await RunAsync(context, server, TimeSpan.FromSeconds(Math.Max(1, context.Get(interval))), cancel);
                return ExitCodes.Success;
            });
    }

    private static async Task RunAsync(CommandContext context, AdminClient server, TimeSpan interval, CancellationToken cancel)
    {
        var console = context.Shell.Terminal.Console;
        context.Shell.Terminal.ShowScreen(alternate: true);
        var before = new Dictionary<string, long>(StringComparer.Ordinal);
        try
        {
            await console.Live(Terminal.Cell("")).StartAsync(async live =>
            {
                while (true)
                {
                    var sessions = (await AskAsync(server, cancel)).Sessions;
                    live.UpdateTarget(Show(sessions, before, interval, context.Shell, context.Shell.Time.GetUtcNow()));
                    live.Refresh();
                    before = sessions.ToDictionary(static s => s.Id, Traffic, StringComparer.Ordinal);
                    if (await LeavesAsync(context.Shell, interval, cancel)) return;
                }
            });
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C ends the view.
        }
        finally
        {
            context.Shell.Terminal.ShowScreen(alternate: false);
        }
    }

    /// <summary>Waits until the next refresh or a key press; returns true for q.</summary>
    private static async Task<bool> LeavesAsync(Shell shell, TimeSpan interval, CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; waited < interval; waited += KeyInterval)
        {
            while (shell.ReadPressedKey() is { } key)
                if (key is 'q' or 'Q') return true;
            await Task.Delay(KeyInterval, shell.Time, cancel);
        }

        return false;
    }

    private static Task<SessionListDocument> AskAsync(AdminClient server, CancellationToken cancel) => server.GetAsync<SessionListDocument>("sessions", cancel);

    private static long Traffic(SessionDocument session) => session.BytesIn + session.BytesOut;

    private static IRenderable Show(IReadOnlyList<SessionDocument> sessions, Dictionary<string, long> before, TimeSpan interval, Shell shell, DateTimeOffset now)
    {
        var (terminal, height) = (shell.Terminal, shell.Terminal.Console.Profile.Height);
        var title = Quantity.Of(sessions.Count, "session");
        var busiest = sessions.Select(s => (Session: s, Rate: (long)((Traffic(s) - before.GetValueOrDefault(s.Id, Traffic(s))) / interval.TotalSeconds)))
            .OrderByDescending(static s => s.Rate).ThenByDescending(static s => Traffic(s.Session)).Select(s => Cells(s.Session, s.Rate, now));
        if (!terminal.IsNarrow) return Table(title, busiest.Take(Math.Clamp(height - 6, 1, MostRows)));
        // Each row takes one line per column and a blank line.
        var rows = busiest.Take(Math.Max(1, (height - 2) / (Columns.Length + 1)));
        return Terminal.Cell([title, .. rows.SelectMany(static r => Columns.Zip(r, static (name, cell) => $"{name}: {cell}").Prepend(""))]);
    }

    private static Table Table(string title, IEnumerable<string[]> rows)
    {
        var table = new Table().RoundedBorder().Expand().Title(title);
        foreach (var column in Columns) table.AddColumn(column);
        foreach (var row in rows) table.AddRow(row.Select(Terminal.Cell));
        return table;
    }

    private static string[] Cells(SessionDocument s, long rate, DateTimeOffset now)
    {
        var last = s.LastCommandAt is { } at ? $"{s.LastCommand} {HumanReadable.Age(now - at)} ago" : "";
        var state = s.Folder.Length == 0 ? s.State : $"{s.State} {s.Folder}";
        return [s.Id, s.Listener, s.Account, s.Address, s.Client, state, last, ByteSize.Of(s.BytesIn), ByteSize.Of(s.BytesOut), ByteSize.Of(rate)];
    }
}
