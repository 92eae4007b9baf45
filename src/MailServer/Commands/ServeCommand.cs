using System.CommandLine;
using MailServer.Configuration;
using MailServer.Hosting;
using MailServer.Network.Certificates;

namespace MailServer.Commands;

/// <summary><c>serve</c>: the server, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "serve", "Runs the server until it gets SIGTERM or SIGINT.",
        ["serve --config /etc/mailserver/config.yaml"], [], (context, cancel) => RunAsync(context.Options, static () => { }, cancel));

    public static async Task<int> RunAsync(MailServerOptions options, Action started, CancellationToken cancel)
    {
        try
        {
            await ServerHost.RunAsync(options, started, cancel);
            return Environment.ExitCode;
        }
        catch (CertificateException e)
        {
            throw new CommandFailure(e.Message, ExitCodes.Failed);
        }
    }
}
