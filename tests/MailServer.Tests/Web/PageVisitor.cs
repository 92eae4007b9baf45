using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>A browser on the page of a <see cref="TestNode"/>: cookies, and forms with their token.</summary>
internal sealed partial class PageVisitor : IDisposable
{
    private readonly HttpClient _http;

    private PageVisitor(TestNode node) => _http = new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{node.Admin}")) };

    public static PageVisitor Anonymous(TestNode node) => new(node);

    public static async Task<PageVisitor> SignedInAsync(TestNode node, string address)
    {
        var visitor = new PageVisitor(node);
        await visitor.GetAsync("/sign-in");
        await visitor.PostAsync("/sign-in", $"address={address}&password={Uri.EscapeDataString(TestNode.Password)}", "/sign-in");
        Assert.Equal(HttpStatusCode.OK, (await visitor.RawAsync(HttpMethod.Get, "/me", null)).StatusCode);
        return visitor;
    }

    public async Task<string> GetAsync(string path)
    {
        using var answer = await RawAsync(HttpMethod.Get, path, null);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Submits a form and follows redirects; returns what the last page says: its notices, or its text if it is an error page.</summary>
    /// <param name="path">The action.</param>
    /// <param name="fields">The fields as application/x-www-form-urlencoded.</param>
    /// <param name="from">The page from which the form's token is taken.</param>
    public async Task<string> PostAsync(string path, string fields, string from = "/me")
    {
        var token = Token().Match(await GetAsync(from)).Groups[1].Value;
        using var content = new StringContent(fields + "&token=" + Uri.EscapeDataString(token));
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/x-www-form-urlencoded");
        var answer = await RawAsync(HttpMethod.Post, path, content);
        for (var hops = 0; answer.StatusCode == HttpStatusCode.SeeOther && hops < 3; hops++)
        {
            var next = answer.Headers.Location!.OriginalString;
            answer.Dispose();
            answer = await RawAsync(HttpMethod.Get, next, null);
        }

        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        answer.Dispose();
        return string.Join('\n', Said().Matches(html).Select(static m => m.Groups["text"].Value.Trim()));
    }

    public void Dispose() => _http.Dispose();

    private Task<HttpResponseMessage> RawAsync(HttpMethod method, string path, HttpContent? content) => _http.SendAsync(new HttpRequestMessage(method, path) { Content = content });

    [GeneratedRegex("name=\"token\" value=\"([^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Token();

    [GeneratedRegex("<\\w+ [^>]*(class=\"[^\"]*\\b(notice|lead|fault|error)\\b|role=\"(alert|status)\")[^>]*>(?<text>[^<]*)<", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Said();
}
