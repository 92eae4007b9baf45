using System.Xml.Linq;

namespace MailServer.Protocol.Dav;

/// <summary>A failed request: the HTTP status and, where an RFC defines one, the violated precondition or postcondition (RFC 4918 §16).</summary>
public sealed class DavException : Exception
{
    private static readonly XNamespace WebDav = "DAV:";

    /// <summary>The condition of a request for which the account lacks privileges (RFC 3744 §7.1.1).</summary>
    public static readonly XName NeedPrivileges = WebDav + "need-privileges";

    public DavException() : this(500, "unexpected") { }

    public DavException(string message) : this(500, message) { }

    public DavException(string message, Exception innerException) : base(message, innerException) => Status = 500;

    public DavException(int status, string message, XName? condition = null, string? href = null) : base(message)
    {
        Status = status;
        Condition = condition;
        Href = href;
    }

    public int Status { get; }

    /// <summary>The element in the error body; null if the status is sufficient.</summary>
    public XName? Condition { get; }

    /// <summary>The percent-encoded URL that the condition refers to; null if none.</summary>
    public string? Href { get; }

    /// <summary>The content of the condition element; empty if it has none.</summary>
    public IReadOnlyList<XElement> Details { get; init; } = [];

    public static DavException BadRequest(string message) => new(400, message);

    public static DavException NotFound() => new(404, "not found");

    public static DavException Forbidden(XName condition) => new(403, ConditionTexts.Of(condition), condition);

    /// <summary>The account lacks privileges (RFC 3744 §7.1.1).</summary>
    /// <param name="lacking">The privileges, each with the percent-encoded URL of the resource on which it is lacking.</param>
    public static DavException Denied(params IReadOnlyList<(string Href, XName Privilege)> lacking) => new(403, ConditionTexts.Of(NeedPrivileges), NeedPrivileges)
    {
        Details = [.. lacking.Select(static l => new XElement(WebDav + "resource", new XElement(WebDav + "href", l.Href), new XElement(WebDav + "privilege", new XElement(l.Privilege))))],
    };

    public static DavException MethodNotAllowed(string message) => new(405, message);
}
