using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.WebPage;

/// <summary>A minimal browser: cookies, pages, and forms with the CSRF token of a page.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;
    private string _token = "";

    /// <param name="server">The server of the page.</param>
    /// <param name="from">The local loopback address.</param>
    /// <param name="tls">True: the port uses HTTPS.</param>
    public Browser(ServerProcess server, string from = "127.0.0.1", bool tls = false)
        : this(new Uri(string.Create(CultureInfo.InvariantCulture, $"{(tls ? "https" : "http")}://127.0.0.1:{server.Ports.Admin}")), from)
    {
    }

    /// <param name="root">The root URL.</param>
    /// <param name="from">The local loopback address.</param>
    public Browser(Uri root, string from = "127.0.0.1")
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = Cookies,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _http = new HttpClient(handler) { BaseAddress = root };
    }

    public CookieContainer Cookies { get; } = new();

    public Uri Root => _http.BaseAddress!;

    /// <summary>The CSRF token of the last page.</summary>
    public string Token => _token;

    public static async Task<Browser> SignedInAsync(ServerProcess server, string user, string password = ServerProcess.Password)
    {
        var browser = new Browser(server);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync(user, password)).Status);
        // The next form needs the CSRF token of the session.
        await browser.GetAsync("/me");
        return browser;
    }

    public async Task<BrowserResponse> SignInAsync(string user, string password)
    {
        await GetAsync("/sign-in");
        return await PostAsync("/sign-in", ("address", user), ("password", password));
    }

    public Task<BrowserResponse> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Posts a form, with the CSRF token of the last page unless it has its own.</summary>
    public Task<BrowserResponse> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        var all = fields.Any(static f => f.Name == "token") ? fields : [.. fields, ("token", _token)];
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(all.Select(static f => KeyValuePair.Create(f.Name, f.Value))) });
    }

    /// <summary>Posts a form and follows the redirect.</summary>
    public async Task<BrowserResponse> SubmitAsync(string path, params (string Name, string Value)[] fields)
    {
        var answer = await PostAsync(path, fields);
        return answer.Status == HttpStatusCode.SeeOther ? await GetAsync(answer.Location) : answer;
    }

    public async Task<BrowserResponse> SendAsync(HttpRequestMessage request)
    {
        using var sent = request;
        using var response = await _http.SendAsync(sent);
        // Optional line breaks are no part of a text.
        var html = (await response.Content.ReadAsStringAsync()).Replace("<wbr>", "", StringComparison.Ordinal);
        if (TokenField().Match(html) is { Success: true } match) _token = match.Groups[1].Value;
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(static h => h.Key, static h => string.Join('\n', h.Value), StringComparer.OrdinalIgnoreCase);
        return new BrowserResponse(response.StatusCode, html, headers);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"token\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}

/// <summary>A response to the browser.</summary>
public sealed record BrowserResponse(HttpStatusCode Status, string Html, IReadOnlyDictionary<string, string> Headers)
{
    public string Location => Headers["Location"];
}
