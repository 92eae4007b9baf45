using System.Globalization;
using MailServer.Hosting;
using Spectre.Console;

namespace MailServer.Commands;

/// <summary>Shows a person on a terminal how long work goes on; scripts and files see nothing of it.</summary>
internal static class ProgressBar
{
    /// <summary>Tells what is done, how far it is, and of how much (0: nobody knows).</summary>
    public delegate void Report(string what, long done, long total);

    public static async Task<T> RunAsync<T>(CommandContext context, Func<Report, Task<T>> work)
    {
        if (!context.Shell.OutIsTerminal || context.WantsJson) return await work(static (_, _, _) => { });
        var console = context.Shell.Terminal.Console;
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("begins", maxValue: 1);
                return await work((what, done, total) =>
                {
                    task.Description = Markup.Escape(VisibleText.Escape(string.Create(CultureInfo.InvariantCulture, $"{what}: {done}")));
                    task.IsIndeterminate = total == 0;
                    task.MaxValue = Math.Max(1, total);
                    task.Value = done;
                });
            });
    }
}
