using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>A calendar user with a plain HTTP client.</summary>
internal sealed partial class DavUser : IDisposable
{
    private readonly HttpClient _http;

    public DavUser(ServerProcess server, string address)
    {
        Address = address;
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        var handler = new SocketsHttpHandler { SslOptions = tls, AllowAutoRedirect = false };
        _http = new HttpClient(handler) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{server.Ports.Dav}/")), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{address}:{ServerProcess.Password}")));
    }

    public string Address { get; }

    public string Home => $"/dav/calendars/{Address}/";

    public string Calendar => Home + "calendar/";

    public string Inbox => Home + "inbox/";

    /// <summary>Waits until the port answers: the start of a server only waits for its mail ports.</summary>
    public Task ReadyAsync() => Eventually.BecomesTrueAsync(
        async () =>
        {
            try
            {
                return (await TryAsync("OPTIONS", Home)).Status == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        "an answer over HTTP");

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, string type = "text/calendar", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(body.ReplaceLineEndings("\r\n"), Encoding.UTF8, type);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request);
    }

    /// <summary>PUTs an object, expects success, and returns the schedule tag.</summary>
    public async Task<string> PutAsync(string name, string body, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync("PUT", Calendar + name, body, headers: headers);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return response.Headers.GetValues("Schedule-Tag").Single();
    }

    /// <summary>Returns the status and the precondition named in the error.</summary>
    public async Task<(HttpStatusCode Status, string Body)> TryAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, body, headers: headers);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Returns an object, unfolded, with LF; null when it is missing.</summary>
    public async Task<string?> GetAsync(string path)
    {
        using var response = await SendAsync("GET", path);
        return response.StatusCode == HttpStatusCode.NotFound ? null : (await response.Content.ReadAsStringAsync()).Replace("\r\n ", "", StringComparison.Ordinal).ReplaceLineEndings("\n");
    }

    public async Task<string> PropFindAsync(string path, string properties, int depth = 0)
    {
        var body = $"<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop>{properties}</D:prop></D:propfind>";
        using var response = await SendAsync("PROPFIND", path, body, "application/xml", ("Depth", depth.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal((HttpStatusCode)207, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Returns the URLs in a collection.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string collection)
    {
        var answer = await PropFindAsync(collection, "<D:getetag/>", depth: 1);
        return [.. HrefPattern().Matches(answer).Select(m => m.Groups["href"].Value).Where(h => !h.EndsWith('/'))];
    }

    /// <summary>Returns the object in the calendar whose text contains <paramref name="marker"/>; null when there is none.</summary>
    public async Task<(string Path, string Text)?> FindAsync(string marker)
    {
        foreach (var path in await ListAsync(Calendar))
            if (await GetAsync(path) is { } text && text.Contains(marker, StringComparison.Ordinal)) return (path, text);
        return null;
    }

    /// <summary>Waits until the object with the marker contains <paramref name="wanted"/>; returns it.</summary>
    public async Task<(string Path, string Text)> ExpectAsync(string marker, string wanted)
    {
        (string Path, string Text)? found = null;
        await Eventually.BecomesTrueAsync(async () => (found = await FindAsync(marker))?.Text.Contains(wanted, StringComparison.Ordinal) == true, $"{wanted} in {marker}");
        return found!.Value;
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("<D:response><D:href>(?<href>[^<]*)</D:href>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HrefPattern();
}
