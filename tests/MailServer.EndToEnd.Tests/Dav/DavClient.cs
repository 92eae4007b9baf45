using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>An HTTPS client of one account that can send any method and exposes the whole response.</summary>
public sealed class DavClient : IDisposable
{
    private readonly HttpClient _http;

    public DavClient(ServerProcess server, string? user)
        : this(new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{server.Ports.Dav}")), user, ServerProcess.Password)
    {
    }

    public DavClient(Uri server, string? user, string password)
    {
        User = user ?? "";
        // The server's self-signed certificate is accepted.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        _http = new HttpClient(handler) { BaseAddress = server };
        if (user is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    public string User { get; }

    public string Calendar => $"/dav/calendars/{User}/calendar/";

    public string Contacts => $"/dav/addressbooks/{User}/contacts/";

    public static string Event(string uid, string more = "", string start = "DTSTART:20270110T100000Z") =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{start}\r\nDURATION:PT1H\r\nSUMMARY:Event {uid}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n";

    public static string Card(string uid, string more = "") => $"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Person {uid}\r\nN:{uid};Person;;;\r\n{more}END:VCARD\r\n";

    public async Task<DavReply> SendAsync(string method, string url, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            var type = body.StartsWith("BEGIN:VCAL", StringComparison.Ordinal) ? "text/calendar" : body.StartsWith("BEGIN:VCARD", StringComparison.Ordinal) ? "text/vcard" : "application/xml";
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type") request.Content!.Headers.Remove(name);
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new DavReply(response.StatusCode, all, text);
    }

    public Task<DavReply> PutAsync(string url, string body, params (string Name, string Value)[] headers) => SendAsync("PUT", url, body, headers);

    public Task<DavReply> GetAsync(string url, params (string Name, string Value)[] headers) => SendAsync("GET", url, null, headers);

    /// <summary>Sends PROPFIND for properties, each <c>prefix:name</c> with D, C, A, S (calendarserver.org) or P (WebDAV-Push).</summary>
    public Task<DavReply> PropFindAsync(string url, int depth, params string[] properties) => SendAsync(
        "PROPFIND", url,
        $"<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='urn:ietf:params:xml:ns:carddav' xmlns:S='http://calendarserver.org/ns/' xmlns:P='https://bitfire.at/webdav-push'><D:prop>{string.Concat(properties.Select(p => $"<{p}/>"))}</D:prop></D:propfind>",
        ("Depth", depth.ToString(CultureInfo.InvariantCulture)));

    public void Dispose() => _http.Dispose();
}

/// <summary>A response.</summary>
public sealed record DavReply(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public XElement Xml => XElement.Parse(Body);

    /// <summary>The URLs of a multistatus, in order.</summary>
    public IReadOnlyList<string> Hrefs => [.. Xml.Elements(XName.Get("response", "DAV:")).Select(response => response.Element(XName.Get("href", "DAV:"))!.Value)];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public DavReply Is(int status)
    {
        Assert.True((int)Status == status, $"expected {status}, was {(int)Status}: {Body}");
        return this;
    }
}
