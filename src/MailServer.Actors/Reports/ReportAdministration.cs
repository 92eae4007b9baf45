using Akka.Actor;
using Akka.Hosting;
using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Protocol.Reports;

namespace MailServer.Actors.Reports;

/// <summary>Sent and received reports, for the admin API.</summary>
public sealed class ReportAdministration(ActorRegistry actors)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Sending waits for DNS and for other hosts.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(90);

    private IActorRef Reports => actors.Get<ReportsActor>();

    public async Task<IReadOnlyList<ReceivedReport>> ListReceivedAsync(ReportKind kind, int max, CancellationToken cancel) =>
        (await Reports.Ask<ReportsProtocol.Received>(new ReportsProtocol.ListReceived(kind, max), Patience, cancel)).Reports;

    public async Task<IReadOnlyList<SentReport>> ListSentAsync(ReportKind kind, int max, CancellationToken cancel) =>
        (await Reports.Ask<ReportsProtocol.Sent>(new ReportsProtocol.ListSent(kind, max), Patience, cancel)).Reports;

    /// <summary>Both are null when there is no such report.</summary>
    public async Task<(ReceivedReport? Report, ReportDocument? Document)> ShowAsync(ReportKind kind, long id, CancellationToken cancel)
    {
        var shown = await Reports.Ask<ReportsProtocol.ReportFound>(new ReportsProtocol.GetReport(kind, id), Patience, cancel);
        return shown.Report is null ? default : (shown.Report, ReportDocument.Read(shown.Packed, Limits.Default));
    }

    public async Task<IReadOnlyList<SentReport>> SendAsync(ReportsProtocol.Send send, CancellationToken cancel) =>
        (await Reports.Ask<ReportsProtocol.Sent>(send, SendPatience, cancel)).Reports;
}
