using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Web.Dav.Reports;

/// <summary>sync-collection (RFC 6578): the new, changed and removed resources since a token, and the next token.</summary>
internal static class SyncCollectionReport
{
    public static async Task AnswerAsync(DavRequest request, DavResource collection, XElement root)
    {
        // RFC 6578 §3.3 allows 0 only. Common clients send 1, which means the same to them.
        if (DepthHeader.Parse(request.Header("Depth"), Depth.Zero) == Depth.Infinity) throw DavException.BadRequest("the Depth of this report must be 0");
        var wanted = SyncCollectionRequest.Parse(root);
        var selection = PropertySelection.Of(wanted.Properties.Select(property => property.Name), request.PrefersMinimal);
        var left = wanted.Limit ?? int.MaxValue;
        var changes = await ReadAsync(request, wanted.Token, after: wanted.Token?.ModSeq ?? 0, upTo: null, left);
        using var answer = DavResponse.Multistatus(request.Http);
        while (true)
        {
            foreach (var entry in changes.Changed) await answer.WriteAsync(DavResource.OfMember(entry, collection), selection);
            foreach (var name in changes.Removed) Multistatus.Status(answer.Output, collection.Href + DavUrl.Encode(name), 404, "Not Found");
            left -= changes.Changed.Count + changes.Removed.Count;
            if (!changes.More || left <= 0) break;
            changes = await ReadAsync(request, wanted.Token, changes.ReachedModSeq, changes.UpTo, left);
        }

        // RFC 6578 §3.6: the result is truncated; the client continues with the returned token.
        if (changes.More) Multistatus.Truncated(answer.Output, collection.Href);
        answer.Output.Raw("<D:sync-token>"u8).Raw(new SyncToken(changes.Collection.Id, changes.ReachedModSeq).ToString()).Raw("</D:sync-token>\n"u8);
        await answer.EndAsync();
    }

    private static Task<CollectionReply.Changes> ReadAsync(DavRequest request, SyncToken? token, long after, long? upTo, int limit) =>
        request.AskAsync<CollectionReply.Changes>(new CollectionRequest.Synchronise(request.Path, token?.Collection, after, upTo, limit));
}
