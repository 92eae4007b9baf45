using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>Writes the body of an error response (RFC 4918 §16): the condition, and a sentence for the user.</summary>
public static class ErrorBody
{
    public static void Write(DavException error, DavXmlWriter output)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(output);
        output.Raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:A=\"urn:ietf:params:xml:ns:carddav\" xmlns:S=\"http://calendarserver.org/ns/\" xmlns:I=\"http://apple.com/ns/ical/\" xmlns:P=\"https://bitfire.at/webdav-push\">"u8);
        if (error.Condition is { } condition)
        {
            var tag = XmlTag.Of(condition);
            if (error.Details.Count > 0) output.Raw(tag.Open.Span).Raw(string.Concat(error.Details.Select(static detail => detail.ToString(SaveOptions.DisableFormatting)))).Raw(tag.Close.Span);
            else if (error.Href is null) output.Raw(tag.Empty.Span);
            else output.Raw(tag.Open.Span).Href(error.Href).Raw(tag.Close.Span);
        }

        output.Raw("<D:responsedescription>"u8).Text(error.Message).Raw("</D:responsedescription></D:error>\n"u8);
    }
}
