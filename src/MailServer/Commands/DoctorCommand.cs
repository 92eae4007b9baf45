using System.CommandLine;
using MailServer.Common;
using MailServer.Diagnostics;
using MailServer.Domain.Health;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFactory factory)
    {
        var rerun = new Option<string>("--rerun") { Description = "Run a check again before listing, by its name in the column 'check', or 'all'.", HelpName = "CHECK" };
        return factory.Action(
            "doctor", "List what the server's checks found, and how to repair it. The exit code is 1 if there is a problem.",
            ["doctor", "doctor --rerun dns", "doctor --rerun all --json"], [rerun, factory.Json], async (context, cancel) =>
            {
                var socket = context.Options.Storage.AdminSocketPath;
                if (!await AdminClient.IsHealthyAsync(socket, cancel))
                {
                    if (context.Get(rerun) is not null) throw new CommandFailure($"the server does not answer on {socket}, so it cannot rerun checks");
                    var stopped = CheckResult.Problem("server", $"does not answer on {socket}", "'systemctl status mailserver' shows whether it runs");
                    return FindingListing.Report(context, [stopped, .. MachineChecks.Run(context.Options)]);
                }

                using var server = new AdminClient(socket);
                if (context.Get(rerun) is { } name && !await server.ChangeAsync(HttpMethod.Post, "doctor/" + Uri.EscapeDataString(name), cancel))
                    throw new CommandFailure($"no check '{name}'; 'mailserver doctor' lists them", ExitCodes.Usage);
                var running = FindingDocument.Of(new Finding("server", "server", FindingSeverity.Ok, "is running", "", context.Shell.Time.GetUtcNow()));
                return FindingListing.Report(context, [running, .. await server.GetAsync<IReadOnlyList<FindingDocument>>("doctor", cancel)]);
            });
    }
}
