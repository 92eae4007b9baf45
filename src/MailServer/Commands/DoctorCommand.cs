using System.CommandLine;
using MailServer.Common;
using MailServer.Diagnostics;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "doctor", "Examines the running server: certificates, queue, disk, directory, stuck actors, clock. Exit code 1 when there is a problem.",
        ["doctor", "doctor --json"], [factory.Json], static async (context, cancel) =>
        {
            var socket = context.Options.Storage.AdminSocketPath;
            if (!await AdminClient.AnswersAsync(socket, cancel))
            {
                var stopped = Finding.Problem("server", $"does not answer on {socket}: is it running, and may you open its socket?");
                return FindingListing.Report(context, [stopped, .. Machine.Look(context.Options)]);
            }

            using var server = new AdminClient(socket);
            var found = await server.GetAsync<IReadOnlyList<FindingDocument>>("doctor", cancel);
            var running = Finding.Ok("server", "runs and answers");
            return FindingListing.Report(context, [running, .. found.Select(static f => new Finding(f.Subject, Enum.Parse<Verdict>(f.Verdict, ignoreCase: true), f.Text))]);
        });
}
