using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MailServer.Common;
using MailServer.Domain.Delivery;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>status</c>: the running server at a glance.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "status", "Show the state of the running server. Lists version, ports, sessions, queue, certificates, memory, disk, and problems to repair.",
        ["status", "status --json"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var status = await server.GetAsync<StatusDocument>("status", cancel);
            if (context.WantsJson)
            {
                context.WriteJson(JsonSerializer.Serialize(status, RuntimeJson.Default.StatusDocument));
                return ExitCodes.Success;
            }

            var listing = new Listing("what", "value");
            foreach (var (what, value) in Rows(status, context.Shell.Time.GetUtcNow())) listing.Add(what, value);
            return context.Print(listing);
        });

    private static IEnumerable<(string What, string Value)> Rows(StatusDocument status, DateTimeOffset now)
    {
        yield return ("server", $"{status.Hostname}, version {status.Version}, process {status.ProcessId.ToString(CultureInfo.InvariantCulture)}");
        yield return ("running", HumanReadable.Age(now - status.StartedAt));
        yield return ("ports", string.Join(", ", status.Ports.Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Port}")).Distinct()));
        yield return ("sessions", status.Sessions.Count == 0 ? "none" : string.Join(", ", status.Sessions.OrderBy(static s => s.Key, StringComparer.Ordinal).Select(static s => $"{s.Key} {s.Value.ToString(CultureInfo.InvariantCulture)}")));
        yield return ("mailboxes", $"{status.MailboxesOpen.ToString(CultureInfo.InvariantCulture)} open");
        yield return ("queue", Describe(status.Queue, now));
        if (status.Queue.Paused.Count > 0) yield return ("paused", string.Join(", ", status.Queue.Paused.Select(static d => d == QueuePause.Everything ? "all mail to other servers" : "mail to " + d)));
        yield return ("bans", status.Bans.ToString(CultureInfo.InvariantCulture));
        foreach (var certificate in status.Certificates)
            yield return ("certificate", $"{string.Join(' ', certificate.Names)}: {Quantity.Of(certificate.DaysLeft, "day")} left");
        yield return ("memory", $"{ByteSize.Of(status.Memory.Resident)} ({ByteSize.Of(status.Memory.ManagedHeap)} managed)");
        yield return ("disk", $"{ByteSize.Of(status.Disk.Free)} of {ByteSize.Of(status.Disk.Total)} free at {status.Disk.Path}");
        foreach (var finding in status.Findings) yield return (finding.Severity, finding.ToString());
    }

    private static string Describe(QueueStatusDocument queue, DateTimeOffset now)
    {
        if (queue.UnavailableParts > 0 && queue.UnavailableParts == queue.Parts) return "unknown: it does not answer";
        var text = queue.OldestAt is { } oldest ? $"{Quantity.Of(queue.Messages, "message")}, the oldest queued {HumanReadable.Age(now - oldest)} ago" : "empty";
        return queue.UnavailableParts == 0 ? text : $"{text} ({queue.UnavailableParts.ToString(CultureInfo.InvariantCulture)} of {Quantity.Of(queue.Parts, "part")} not counted: no answer)";
    }
}
