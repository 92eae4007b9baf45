using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav;

/// <summary>A multistatus response. It is sent in chunks whenever the buffer is full, so that large responses need little memory.</summary>
internal sealed class DavResponse : IDisposable
{
    private const int SendAt = 48 * 1024;
    private const string XmlType = "application/xml; charset=utf-8";

    private readonly HttpContext _http;

    private DavResponse(HttpContext http) => _http = http;

    public DavXmlWriter Output { get; } = new();

    public static DavResponse Multistatus(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status207MultiStatus;
        http.Response.ContentType = XmlType;
        var answer = new DavResponse(http);
        Protocol.Dav.Xml.Multistatus.Begin(answer.Output);
        return answer;
    }

    public static async Task SendErrorAsync(HttpContext http, DavException fault)
    {
        http.Response.StatusCode = fault.Status;
        if (fault.Status == StatusCodes.Status503ServiceUnavailable) http.Response.Headers.RetryAfter = "10";
        if (fault.Condition is null && fault.Status == StatusCodes.Status404NotFound) return;
        using var output = new DavXmlWriter();
        ErrorBody.Write(fault, output);
        await SendXmlAsync(http, fault.Status, output);
    }

    public static async Task SendXmlAsync(HttpContext http, int status, DavXmlWriter output)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = XmlType;
        http.Response.ContentLength = output.Length;
        await http.Response.Body.WriteAsync(output.Written, http.RequestAborted);
    }

    public ValueTask WriteAsync(DavResource resource, PropertySelection selection)
    {
        // RFC 4918 §13: each resource has its own status, so an unreadable resource does not hide the others.
        if (resource.Entry is { IsUnreadable: true }) Protocol.Dav.Xml.Multistatus.Status(Output, resource.Href, StatusCodes.Status500InternalServerError, "Internal Server Error");
        else selection.WriteResponse(resource, Output);
        return Output.Length < SendAt ? ValueTask.CompletedTask : SendAsync();
    }

    public async Task EndAsync()
    {
        Protocol.Dav.Xml.Multistatus.End(Output);
        if (!_http.Response.HasStarted) _http.Response.ContentLength = Output.Length;
        await SendAsync();
    }

    public void Dispose() => Output.Dispose();

    private async ValueTask SendAsync()
    {
        await _http.Response.Body.WriteAsync(Output.Written, _http.RequestAborted);
        Output.Truncate(0);
    }
}
