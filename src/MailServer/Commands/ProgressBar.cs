using System.Globalization;
using MailServer.Hosting;
using Spectre.Console;

namespace MailServer.Commands;

/// <summary>Shows the progress of long work on a terminal. Prints nothing when output goes elsewhere or with <c>--json</c>.</summary>
internal static class ProgressBar
{
    /// <summary>Reports the current step, the amount done, and the total (0: unknown).</summary>
    public delegate void Report(string what, long done, long total);

    public static async Task<T> RunAsync<T>(CommandContext context, Func<Report, Task<T>> work)
    {
        if (!context.Shell.OutIsTerminal || context.WantsJson) return await work(static (_, _, _) => { });
        var console = context.Shell.Terminal.Console;
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("starting", maxValue: 1);
                return await work((what, done, total) =>
                {
                    task.Description = Markup.Escape(OutputEscaping.Escape(string.Create(CultureInfo.InvariantCulture, $"{what}: {done}")));
                    task.IsIndeterminate = total == 0;
                    task.MaxValue = Math.Max(1, total);
                    task.Value = done;
                });
            });
    }
}
