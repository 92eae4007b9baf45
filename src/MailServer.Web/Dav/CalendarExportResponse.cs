using System.Buffers;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav;

/// <summary>GET on a calendar: all objects as one file, sent page by page.</summary>
internal static class CalendarExportResponse
{
    public static Task AnswerAsync(DavRequest request, CollectionInfo collection) =>
        WriteAsync(request.Http, collection, query => request.AskAsync<CollectionReply.Page>(query));

    /// <param name="http">The request and response.</param>
    /// <param name="collection">The calendar.</param>
    /// <param name="ask">Reads a page of objects.</param>
    public static async Task WriteAsync(HttpContext http, CollectionInfo collection, Func<CollectionRequest.Query, Task<CollectionReply.Page>> ask)
    {
        http.Response.ContentType = "text/calendar; charset=utf-8";
        if (http.Request.Method == "HEAD") return;
        var output = new ArrayBufferWriter<byte>();
        var name = collection.Properties.TryGetValue(DisplayName.ToString(), out var title) ? XElement.Parse(title).Value : null;
        var export = new CalendarExport(output, name);
        long? after = 0;
        while (after is { } from)
        {
            var page = await ask(new CollectionRequest.Query(collection.Path, from, QueryPlan.Everything));
            foreach (var entry in page.Resources)
                if (CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var calendar, out _)) export.Add(calendar);
            await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
            output.ResetWrittenCount();
            after = page.Next;
        }

        export.End();
        await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
    }
}
