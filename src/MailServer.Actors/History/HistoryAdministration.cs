using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.History;

/// <summary>The history of all nodes, for the admin API and the web page.</summary>
public sealed class HistoryAdministration(ActorSystem system, ActorRegistry actors, TimeProvider time)
{
    /// <summary>The points of a period, oldest first, without gaps.</summary>
    /// <param name="span">The period.</param>
    /// <param name="node">The node; null: all nodes together.</param>
    /// <param name="cancel">Cancels the request.</param>
    public async Task<ServerHistory> ReadAsync(HistorySpan span, string? node, CancellationToken cancel)
    {
        var answers = await ClusterPeers.AskAllAsync<HistoryProtocol.Points>(system, HistoryActor.Name, actors.Get<HistoryActor>(), new HistoryProtocol.Read(span), cancel);
        var shown = answers.Where(a => node is null || a.Node == node).ToList();
        var sums = shown.SelectMany(static a => a.Answer.Values).GroupBy(static p => p.At).ToDictionary(static g => g.Key, static g => g.Aggregate(HistoryValues.Zero, static (sum, p) => sum.Plus(p.Values)));
        var (step, count) = (HistorySpans.StepOf(span), HistorySpans.PointsOf(span));
        var last = HistorySpans.StartOf(span, time.GetUtcNow());
        return new ServerHistory(
            span, [.. Enumerable.Range(0, count).Select(i => last - (step * (count - 1 - i))).Select(at => new HistoryPoint(at, sums.GetValueOrDefault(at, HistoryValues.Zero)))],
            [.. answers.Select(static a => a.Node).OfType<string>().Order(StringComparer.Ordinal)]);
    }
}

/// <summary>The history of a period.</summary>
/// <param name="Span">The period.</param>
/// <param name="Points">Its points, oldest first, without gaps; the last is not over yet.</param>
/// <param name="Nodes">The nodes of the cluster that answered; none without a cluster.</param>
public sealed record ServerHistory(HistorySpan Span, IReadOnlyList<HistoryPoint> Points, IReadOnlyList<string> Nodes);
