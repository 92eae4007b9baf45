using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>MKCALENDAR (RFC 4791 §5.3.1): creates a calendar.</summary>
internal static class MkCalendarHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        var root = await request.ReadXmlAsync();
        if (root is not null && root.Name != CalDav + "mkcalendar") throw DavException.BadRequest("the body of MKCALENDAR must be CALDAV:mkcalendar");
        var made = MkColRequest.Parse(root, CollectionKind.Calendar, request.Limits);
        await MkColHandler.MakeAsync(request, made with { Kind = CollectionKind.Calendar });
    }
}
