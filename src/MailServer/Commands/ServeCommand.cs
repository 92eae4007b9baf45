using System.CommandLine;
using System.Globalization;
using MailServer.Configuration;
using MailServer.Hosting;
using MailServer.Network.Certificates;
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
        MailServerOptions options;
        try
        {
            options = context.Options;
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems) context.Shell.Complain(problem.ToString());
            return ExitCodes.Configuration;
        }

        return await RunAsync(options, static () => { }, cancel);
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
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            // The web server that carries all listeners calls each of them an http:// address.
            throw new CommandFailure(
                PortIn(options, e.Message) is { Port: var port, Key: var key }
                    ? $"port {port} ({key}) is taken by another program; is this server running already?"
                    : $"{e.InnerException.Message}; is this server running already?",
                ExitCodes.Failed);
        }
    }

    private static (int Port, string Key)? PortIn(MailServerOptions options, string message)
    {
        var server = options.Server;
        (int Port, string Key)[] ports =
        [
            (server.SmtpPort, "server.smtp_port"), (server.SubmissionPort, "server.submission_port"), (server.SmtpsPort, "server.smtps_port"),
            (server.ImapPort, "server.imap_port"), (server.ImapsPort, "server.imaps_port"), (server.DavPort, "server.dav_port"),
            (server.HttpPort, "server.http_port"), (server.HttpsPort, "server.https_port"), (options.Admin.Port, "admin.port"),
        ];
        var found = Array.FindIndex(ports, p => p.Port != 0 && message.Contains(string.Create(CultureInfo.InvariantCulture, $":{p.Port}:"), StringComparison.Ordinal));
        return found < 0 ? null : ports[found];
    }
}
