using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>The outcome of one instruction of PROPPATCH, MKCALENDAR or MKCOL (RFC 4918 §9.2.1, RFC 4791 §5.3.1, RFC 5689 §3): all are applied or none.</summary>
/// <param name="Name">The property.</param>
/// <param name="Fault">Why it cannot be set; null if it can.</param>
public sealed record PropertyOutcome(XName Name, DavException? Fault)
{
    /// <summary>Writes a propstat element for each property. If one of them cannot be set, the others depend on it (424).</summary>
    public static void Write(IReadOnlyCollection<PropertyOutcome> outcomes, DavXmlWriter output)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(output);
        var isRefused = outcomes.Any(static o => o.Fault is not null);
        foreach (var (name, fault) in outcomes)
        {
            output.Raw("<D:propstat><D:prop>"u8).Empty(name).Raw("</D:prop><D:status>HTTP/1.1 "u8).Raw(StatusOf(fault, isRefused)).Raw("</D:status>"u8);
            if (fault?.Condition is { } condition) output.Raw("<D:error>"u8).Empty(condition).Raw("</D:error>"u8);
            if (fault is not null) output.Raw("<D:responsedescription>"u8).Text(fault.Message).Raw("</D:responsedescription>"u8);
            output.Raw("</D:propstat>"u8);
        }
    }

    private static string StatusOf(DavException? fault, bool isRefused) => fault?.Status switch
    {
        null => isRefused ? "424 Failed Dependency" : "200 OK",
        400 or 409 => "409 Conflict",
        507 => "507 Insufficient Storage",
        _ => "403 Forbidden",
    };
}
