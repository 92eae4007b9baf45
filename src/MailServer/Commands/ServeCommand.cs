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

/// <summary><c>serve</c>: the server, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "serve", "Runs the server until SIGTERM or SIGINT. SIGHUP opens the log file again and reads certificates again.",
        ["serve --config /etc/mailserver/config.yaml"], [], ServeAsync);

    private static async Task<int> ServeAsync(CommandContext context, CancellationToken cancel)
    {
        var loaded = ConfigurationLoader.ReadToStart(context.ConfigPath, context.Shell.Environment);
        var errors = loaded.Problems.Where(static p => !p.IsWarning).OrderBy(static p => p.Line).ToArray();
        foreach (var problem in errors) context.Shell.Complain(problem.ToString());
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
            // The web server that carries all listeners calls each of them an http:// address, or does not say which it was.
            throw new CommandFailure(FindClosedPort(options) ?? $"{e.Message}; is this server running already?");
        }
    }

    /// <summary>The first port that cannot be opened, and why.</summary>
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
                        return $"{name} is taken by another program; is this server running already?";
                    case PortState.Forbidden:
                        return $"{name} may not be opened by this user; the systemd unit may (CAP_NET_BIND_SERVICE)";
                    case PortState.NoSuchAddress:
                        return $"{name}: '{address}' is not an address of this machine";
                }
            }
        }

        return null;
    }
}
