using System.CommandLine;
using MailServer.Common;
using MailServer.Diagnostics;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "doctor", "Examine the running server and name what needs repair. The exit code is 1 if there is a problem.",
        ["doctor", "doctor --json"], [factory.Json], static async (context, cancel) =>
        {
            var socket = context.Options.Storage.AdminSocketPath;
            if (!await AdminClient.IsHealthyAsync(socket, cancel))
            {
                var stopped = Finding.Problem("server", $"does not answer on {socket}: 'systemctl status mailserver' shows whether it runs");
                return FindingListing.Report(context, [stopped, .. MachineChecks.Run(context.Options)]);
            }

            using var server = new AdminClient(socket);
            var found = await server.GetAsync<IReadOnlyList<FindingDocument>>("doctor", cancel);
            var running = Finding.Ok("server", "is running");
            return FindingListing.Report(context, [running, .. found.Select(static f => new Finding(f.Subject, Enum.Parse<FindingSeverity>(f.Verdict, ignoreCase: true), f.Text))]);
        });
}
