using MailServer.Actors.History;
using MailServer.Domain.Measurements;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>The history of a period: day, month or year. <paramref name="StepSeconds"/> is the length of a point; <paramref name="Nodes"/> is empty without a cluster.</summary>
public sealed record HistoryDocument(string Span, int StepSeconds, string Node, IReadOnlyList<string> Nodes, IReadOnlyList<HistoryPointDocument> Points);

/// <summary>
/// A point: accepted messages, deliveries to other servers, refusals of messages, recipients and connections, octets of mail sessions, the most messages in the queue, and sign-ins.
/// </summary>
public sealed record HistoryPointDocument(
    DateTimeOffset At, long Received, long Sent, long Refused, long BytesIn, long BytesOut, long Queued, long SignIns, long RefusedSignIns);

/// <summary>The endpoint of the history: <c>GET history?span=&amp;node=</c>.</summary>
public static class HistoryEndpoints
{
    public static void MapHistory(this IEndpointRouteBuilder endpoints, HistoryAdministration history)
    {
        ArgumentNullException.ThrowIfNull(history);
        endpoints.MapGroup(AdminApi.Prefix).MapGet("history", async context =>
        {
            var (text, node) = (context.Request.Query["span"].ToString(), context.Request.Query["node"].ToString());
            if (!HistorySpans.TryParse(text, out var span) && text.Length > 0)
            {
                await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, "span must be day, month or year");
                return;
            }

            var found = await history.ReadAsync(span, node.Length == 0 ? null : node, context.RequestAborted);
            if (node.Length > 0 && !found.Nodes.Contains(node)) await RuntimeEndpoints.Answer(context, found: false);
            else await RuntimeEndpoints.WriteAsync(context, Describe(found, node));
        });
    }

    private static HistoryDocument Describe(ServerHistory history, string node) => new(
        HistorySpans.NameOf(history.Span), (int)HistorySpans.StepOf(history.Span).TotalSeconds, node, history.Nodes,
        [
            .. history.Points.Select(static p => new HistoryPointDocument(
                p.At, p.Values.Received, p.Values.Sent, p.Values.Refused, p.Values.OctetsIn, p.Values.OctetsOut, p.Values.Queued, p.Values.SignIns, p.Values.RefusedSignIns)),
        ]);
}
