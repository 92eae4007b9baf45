using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Hosting;
using MailServer.Network.Certificates;
using MailServer.Network.Diagnostics;
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
        catch (Exception e) when (e is IOException { InnerException: AddressInUseException } or SocketException && FindClosedPort(options) is not null)
        {
            // Kestrel reports every listener as an http:// address, or does not name the one that failed.
            throw new CommandFailure(FindClosedPort(options) ?? $"{e.Message}; is this server already running?");
        }
    }

    /// <summary>The first port that cannot be opened, with the reason.</summary>
    private static string? FindClosedPort(MailServerOptions options)
    {
        foreach (var (key, port, addresses) in ListenRules.Ports(options))
        {
            foreach (var address in addresses)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"port {port} ({key})");
                switch (NetworkProbe.TryListen(address, port))
                {
                    case PortState.Taken:
                        return $"{name} is in use by another program; is this server already running?";
                    case PortState.Forbidden:
                        return $"{name} requires CAP_NET_BIND_SERVICE, which the systemd unit grants";
                    case PortState.NoSuchAddress:
                        return $"{name}: '{address}' is not an address of this machine";
                }
            }
        }

        return null;
    }
}
