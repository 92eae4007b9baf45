using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;

namespace MailServer.Tests.Web;

/// <summary>A client of DAV that is signed in as one account of a node, or as nobody.</summary>
internal sealed class DavSession : IDisposable
{
    public const string Names = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='urn:ietf:params:xml:ns:carddav' xmlns:S='http://calendarserver.org/ns/'";

    private readonly HttpClient _http;

    public DavSession(TestNode node, string? user)
    {
        ArgumentNullException.ThrowIfNull(node);
        User = user ?? "";
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        _http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{node.Dav}") };
        _http.DefaultRequestHeaders.Host = "mail.example.org";
        if (user is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{TestNode.Password}")));
    }

    public string User { get; }

    public string Home => $"/dav/calendars/{User}/";

    public string Calendar => Home + "calendar/";

    public string Contacts => $"/dav/addressbooks/{User}/contacts/";

    public static string Event(string uid, string lines = "DTSTART:20270101T100000Z") =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    public static string Card(string uid) => $"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:x\r\nN:x;;;;\r\nEND:VCARD\r\n";

    public async Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(string method, string url, string? body = null, string? type = null, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            type ??= body.StartsWith("BEGIN:VCAL", StringComparison.Ordinal) ? "text/calendar" : body.StartsWith("BEGIN:VCARD", StringComparison.Ordinal) ? "text/vcard" : "text/xml";
            if (type.Length > 0) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var (name, value) in fields)
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content!.Headers.TryAddWithoutValidation(name, value);

        var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    /// <summary>Sends a request that must have this status; returns the body.</summary>
    public async Task<string> ExpectAsync(int status, string method, string url, string? body = null, params (string Name, string Value)[] fields)
    {
        var (found, text, _) = await SendAsync(method, url, body, null, fields);
        Assert.True(found == status, $"{User} {method} {url}: expected {status}, was {found} {text}");
        return text;
    }

    public async Task<int> StatusAsync(string method, string url) => (await SendAsync(method, url)).Status;

    /// <summary>Shares a collection; returns its URL in the home of the guest.</summary>
    public async Task<string> ShareAsync(DavSession guest, string collection, string access)
    {
        await ExpectAsync((int)HttpStatusCode.OK, "POST", collection, $"<S:share {Names}><S:set><D:href>mailto:{guest.User}</D:href><S:{access}/></S:set></S:share>");
        return await guest.MountOfAsync(collection);
    }

    public Task UnshareAsync(DavSession guest, string collection) =>
        ExpectAsync((int)HttpStatusCode.OK, "POST", collection, $"<S:share {Names}><S:remove><D:href>mailto:{guest.User}</D:href></S:remove></S:share>");

    /// <summary>The URL in this account's home under which the collection of somebody else is.</summary>
    public async Task<string> MountOfAsync(string collection)
    {
        var home = collection.Contains("/addressbooks/", StringComparison.Ordinal) ? $"/dav/addressbooks/{User}/" : Home;
        var listed = XElement.Parse(await ExpectAsync(207, "PROPFIND", home, $"<D:propfind {Names}><D:prop><S:shared-url/></D:prop></D:propfind>", ("Depth", "1")));
        return listed.Elements(XName.Get("response", "DAV:")).Single(r => r.Descendants(XName.Get("shared-url", "http://calendarserver.org/ns/")).Any(u => u.Value.Contains(collection, StringComparison.Ordinal)))
            .Element(XName.Get("href", "DAV:"))!.Value;
    }

    public void Dispose() => _http.Dispose();
}
