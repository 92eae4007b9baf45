using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Hosting;

namespace MailServer.Commands;

/// <summary><c>serve</c>: runs the server until a signal stops it.</summary>
internal static class ServeCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "serve", "Run the server. SIGTERM or SIGINT stops it; SIGHUP reopens the log file and reloads certificates.",
        ["serve --config /etc/mailserver/config.yaml"], [], ServeAsync);

    private static async Task<int> ServeAsync(CommandContext context, CancellationToken cancel)
    {
        var loaded = ConfigurationLoader.ReadForStart(context.ConfigPath, context.Shell.Environment);
        var errors = loaded.Problems.Where(static p => !p.IsWarning).OrderBy(static p => p.Line).ToArray();
        foreach (var problem in errors) context.Shell.WriteError(problem.ToString());
        return errors.Length > 0 ? ExitCodes.Configuration : await ServerHost.RunAsync(loaded.Options, static () => { }, cancel);
    }
}
