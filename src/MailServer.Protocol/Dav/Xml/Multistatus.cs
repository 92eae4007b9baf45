namespace MailServer.Protocol.Dav.Xml;

/// <summary>Writes the parts of a 207 Multi-Status response (RFC 4918 §13).</summary>
public static class Multistatus
{
    private const string Namespaces =
        "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:A=\"urn:ietf:params:xml:ns:carddav\" "
        + "xmlns:S=\"http://calendarserver.org/ns/\" xmlns:I=\"http://apple.com/ns/ical/\" xmlns:P=\"https://bitfire.at/webdav-push\"";

    /// <summary>Writes the start of a document with the root <paramref name="element"/>, a name with prefix.</summary>
    public static void Begin(DavXmlWriter output, string element = "D:multistatus") =>
        output.Raw($"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{element} {Namespaces}>\n");

    public static void End(DavXmlWriter output, string element = "D:multistatus") => output.Raw($"</{element}>\n");

    /// <summary>Writes that the result is truncated, as the response of the resource at which the request was directed (RFC 6578 §3.6, RFC 6352 §8.6.2).</summary>
    public static void Truncated(DavXmlWriter output, string href) => output.Raw("<D:response>"u8).Href(href)
        .Raw("<D:status>HTTP/1.1 507 Insufficient Storage</D:status><D:error><D:number-of-matches-within-limits/></D:error></D:response>\n"u8);

    /// <summary>Writes a response element that has only a status.</summary>
    public static void Status(DavXmlWriter output, string href, int status, string reason) =>
        output.Raw("<D:response>"u8).Href(href).Raw($"<D:status>HTTP/1.1 {status} {reason}</D:status></D:response>\n");
}
