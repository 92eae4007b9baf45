using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Domain.Measurements;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>history</c>: messages, traffic, refusals, queue and sign-ins over a day, a month or a year.</summary>
internal static class HistoryCommand
{
    public static Command Create(CommandFactory factory)
    {
        var span = new Option<string>("--span") { Description = "The period: day, month or year.", HelpName = "SPAN", DefaultValueFactory = static _ => "day" };
        span.AcceptOnlyFromAmong([.. Enum.GetValues<HistorySpan>().Select(HistorySpans.NameOf)]);
        var node = new Option<string>("--node") { Description = "Show only this node of a cluster. Default: all nodes together.", HelpName = "NAME" };
        return factory.Action(
            "history", "Show messages, traffic, refusals, queue and sign-ins over time. Periods without events are left out.", ["history", "history --span month", "history --span year --json"],
            [span, node, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var name = context.Get(node);
                var found = await server.FindAsync<HistoryDocument>($"history?span={context.Get(span)}&node={Uri.EscapeDataString(name ?? "")}", cancel) ?? throw new CommandFailure($"no node '{name}'");
                var listing = new Listing("from", "received", "sent", "refused", "bytes_in", "bytes_out", "queued", "sign_ins", "refused_sign_ins");
                foreach (var p in found.Points.Where(p => context.WantsJson || p != Empty(p.At)))
                    listing.Add(p.At, p.Received, p.Sent, p.Refused, Size(context, p.BytesIn), Size(context, p.BytesOut), p.Queued, p.SignIns, p.RefusedSignIns);
                return context.Print(listing);
            });
    }

    private static object Size(CommandContext context, long octets) => context.WantsJson ? octets : ByteSize.Of(octets);

    private static HistoryPointDocument Empty(DateTimeOffset at) => new(at, 0, 0, 0, 0, 0, 0, 0, 0);
}
