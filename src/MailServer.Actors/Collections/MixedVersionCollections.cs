using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Reports;

namespace MailServer.Actors.Collections;

/// <summary>
/// Access to collections during a rolling upgrade. Nodes of version 0.1 know neither uploads nor reports nor notices nor uses of attachments. While such a node is in the cluster, this node parses
/// uploads and evaluates reports itself, and sends only requests that version 0.1 knows. Obsolete when nodes of version 0.1 can no longer join.
/// </summary>
/// <param name="collections">The collections.</param>
/// <param name="hasOlderNodes">True while a node of version 0.1 is in the cluster.</param>
/// <param name="limits">Limits of reports.</param>
internal sealed class MixedVersionCollections(ICollections collections, Func<bool> hasOlderNodes, Limits limits) : ICollections
{
    public Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel) =>
        hasOlderNodes() ? TranslateAsync(account, request, cancel) : collections.AskAsync(account, request, cancel);

    private Task<CollectionReply> TranslateAsync(AccountId account, CollectionRequest request, CancellationToken cancel) => request switch
    {
        CollectionRequest.Upload upload => UploadReader.TryRead(upload, out var put, out var invalid) ? collections.AskAsync(account, put, cancel) : Task.FromResult<CollectionReply>(invalid),
        CollectionRequest.Search search => RunAsync(account, new ReportTask.Searching(search, ReportSelection.Parse(search, limits), limits.DavPageOctets), cancel),
        CollectionRequest.ListBusyTimes busy => RunAsync(account, new ReportTask.FindingBusyTimes(busy), cancel),
        // Without notices the share works as well.
        CollectionRequest.AddNotice => Task.FromResult<CollectionReply>(CollectionReply.Done.Instance),
        // Attendees read attachments when all nodes are new.
        CollectionRequest.ListAttachmentUses => Task.FromResult<CollectionReply>(new CollectionReply.AttachmentUses([])),
        CollectionRequest.ListNotices => Task.FromResult<CollectionReply>(new CollectionReply.Notices([])),
        _ => collections.AskAsync(account, request, cancel),
    };

    private async Task<CollectionReply> RunAsync(AccountId account, ReportTask report, CancellationToken cancel)
    {
        do
        {
            var reply = await collections.AskAsync(account, report.Request, cancel);
            if (reply is not CollectionReply.Page page) return reply;
            report.Take(page);
            report.Evaluate(static () => true);
        }
        while (report.Next is not null && !report.IsFull);
        return report.Answer();
    }
}
