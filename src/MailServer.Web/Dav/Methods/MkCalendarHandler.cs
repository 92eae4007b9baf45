using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
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
        if (made.Fault is not null)
        {
            // RFC 4791 §5.3.1: nothing is created if a property cannot be set.
            using var answer = DavResponse.Multistatus(request.Http);
            answer.Output.Raw("<D:response>"u8).Href(DavUrl.HrefOf(request.Owner, request.Path, isCollection: true));
            PropertyOutcome.Write(made.Outcomes, answer.Output);
            answer.Output.Raw("</D:response>\n"u8);
            await answer.EndAsync();
            return;
        }

        try
        {
            await MkColHandler.MakeAsync(request, made with { Kind = CollectionKind.Calendar });
        }
        catch (DavException exists) when (exists.Status == 405 && request.Target is DavTarget.StoredResource)
        {
            // RFC 4791 §5.3.1.1; MKCOL has 405 for this.
            throw DavException.Forbidden(WebDav + "resource-must-be-null");
        }
    }
}
