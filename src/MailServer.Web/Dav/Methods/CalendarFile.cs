using System.Buffers;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>GET on a calendar: everything in it as one file, sent as it is read.</summary>
internal static class CalendarFile
{
    public static async Task AnswerAsync(DavRequest request, CollectionInfo collection)
    {
        var response = request.Http.Response;
        response.ContentType = "text/calendar; charset=utf-8";
        if (request.Method == "HEAD") return;
        var output = new ArrayBufferWriter<byte>();
        var name = collection.Properties.TryGetValue(DisplayName.ToString(), out var title) ? XElement.Parse(title).Value : null;
        var export = new CalendarExport(output, name);
        long? after = 0;
        while (after is { } from)
        {
            var page = await request.AskAsync<CollectionReply.Page>(new CollectionRequest.Query(collection.Path, from, QueryPlan.Everything));
            foreach (var entry in page.Resources)
                if (CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var calendar, out _)) export.Add(calendar);
            await response.Body.WriteAsync(output.WrittenMemory, request.Cancel);
            output.ResetWrittenCount();
            after = page.Next;
        }

        export.End();
        await response.Body.WriteAsync(output.WrittenMemory, request.Cancel);
    }
}
