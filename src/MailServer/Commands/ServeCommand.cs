using System.CommandLine;
using System.Net.Sockets;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Hosting;
using MailServer.Network.Certificates;
using MailServer.Network.NodeLinks;
using Microsoft.AspNetCore.Connections;

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
        return errors.Length > 0 ? ExitCodes.Configuration : await RunAsync(loaded.Options, static () => { }, cancel);
    }

    public static async Task<int> RunAsync(MailServerOptions options, Action started, CancellationToken cancel)
    {
        try
        {
            return await ServerHost.RunAsync(options, started, cancel);
        }
        catch (CertificateException e)
        {
            throw new CommandFailure(e.Message, ExitCodes.Failed);
        }
        catch (Exception e) when (Causes(e).Any(static c => c is SocketException or AddressInUseException or NodeLinkException))
        {
            // Another program has taken a port since the check. The exception may not name it.
            throw new CommandFailure(PortCheck.FindFault(options) ?? $"{e.Message}; is this server already running?");
        }
    }

    private static IEnumerable<Exception> Causes(Exception e) => e is AggregateException { InnerExceptions: var several }
        ? several.SelectMany(Causes)
        : e.InnerException is { } inner ? Causes(inner).Prepend(e) : [e];
}
