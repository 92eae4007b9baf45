using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>A browser on the page of a <see cref="TestNode"/>: cookies, and forms with their token.</summary>
internal sealed partial class PageVisitor : IDisposable
{
    private readonly HttpClient _http;

    private PageVisitor(int port) => _http = new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        CookieContainer = Cookies,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}")) };

    public CookieContainer Cookies { get; } = new();

    public Uri Root => _http.BaseAddress!;

    /// <param name="node">The node.</param>
    /// <param name="port">The port; the admin port if it is null.</param>
    public static PageVisitor Anonymous(TestNode node, int? port = null) => new(port ?? node.Admin);

    public static async Task<PageVisitor> SignedInAsync(TestNode node, string address, string password = TestNode.Password, int? port = null)
    {
        var visitor = Anonymous(node, port);
        await visitor.PostAsync("/sign-in", $"address={address}&password={Uri.EscapeDataString(password)}", "/sign-in");
        Assert.Equal(200, (await visitor.OpenAsync("/me")).Status);
        return visitor;
    }

    public async Task<string> GetAsync(string path) => WebUtility.HtmlDecode((await OpenAsync(path)).Html).Replace("<wbr>", "", StringComparison.Ordinal);

    public async Task<PageAnswer> OpenAsync(string path) => await AnswerAsync(await RawAsync(HttpMethod.Get, path, null));

    /// <summary>Whether the response is compressed for a client that accepts it; the size of the decoded text is checked too.</summary>
    public async Task<bool> IsCompressedAsync(string path, string accept = "gzip")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
        using var response = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadAsStreamAsync();
        var isCompressed = response.Content.Headers.ContentEncoding.Contains("gzip");
        using var text = new StreamReader(isCompressed ? new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress) : body);
        Assert.EndsWith("</html>", (await text.ReadToEndAsync()).TrimEnd(), StringComparison.Ordinal);
        return isCompressed;
    }

    /// <summary>Sends a form as it is, without following a redirect.</summary>
    public async Task<PageAnswer> SendAsync(string path, IEnumerable<KeyValuePair<string, string>> fields, string? file = null)
    {
        using HttpContent content = file is null ? new FormUrlEncodedContent(fields) : new MultipartFormDataContent();
        if (content is MultipartFormDataContent parts)
        {
            foreach (var (name, value) in fields) parts.Add(new StringContent(value), name);
            parts.Add(new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(file!)), "file", "x.ics");
        }

        return await AnswerAsync(await RawAsync(HttpMethod.Post, path, content));
    }

    /// <summary>Sends a request with further header fields, and returns the response.</summary>
    public async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in fields) request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request);
    }

    /// <summary>The fields of a form on a page, with its hidden values and token.</summary>
    /// <param name="page">The page.</param>
    /// <param name="action">The path of the form's action.</param>
    /// <param name="fields">The values that the user enters, as application/x-www-form-urlencoded. A hidden field of this name selects among several forms of the action.</param>
    public async Task<List<KeyValuePair<string, string>>> FillAsync(string page, string action, string fields)
    {
        var html = (await OpenAsync(page)).Html;
        var entered = PageAnswer.Parse(fields);
        var form = PageAnswer.FormsOf(html, action).Select(PageAnswer.HiddenOf).FirstOrDefault(h => entered.All(e => h.All(f => f.Key != e.Key || f.Value == e.Value)));
        Assert.True(form is not null, $"{page} has no form for {action} {fields}");
        return [.. form.Where(h => entered.All(e => e.Key != h.Key)), .. entered];
    }

    /// <summary>Submits a form and follows redirects; returns what the last page says: its notices, or its text if it is an error page.</summary>
    /// <param name="path">The action.</param>
    /// <param name="fields">The fields as application/x-www-form-urlencoded.</param>
    /// <param name="from">The page from which the form's token is taken.</param>
    public async Task<string> PostAsync(string path, string fields, string from = "/me")
    {
        var token = Token().Match(await GetAsync(from)).Groups["token"].Value;
        using var content = new StringContent(fields + "&token=" + Uri.EscapeDataString(token));
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/x-www-form-urlencoded");
        var answer = await AnswerAsync(await RawAsync(HttpMethod.Post, path, content));
        return Says(await FollowAsync(answer));
    }

    public async Task<PageAnswer> FollowAsync(PageAnswer answer)
    {
        for (var hops = 0; answer.Status == 303 && hops < 3; hops++) answer = await OpenAsync(answer.Location);
        return answer;
    }

    /// <summary>The notices and errors of a page.</summary>
    public static string Says(PageAnswer answer) =>
        string.Join('\n', Said().Matches(WebUtility.HtmlDecode(answer.Html).Replace("<wbr>", "", StringComparison.Ordinal)).Select(static m => m.Groups["text"].Value.Trim()));

    public void Dispose() => _http.Dispose();

    private static async Task<PageAnswer> AnswerAsync(HttpResponseMessage response)
    {
        using (response) return new PageAnswer((int)response.StatusCode, response.Headers.Location?.OriginalString ?? "", await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> RawAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        return await _http.SendAsync(request);
    }

    [GeneratedRegex("name=\"token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Token();

    [GeneratedRegex("<\\w+ [^>]*(class=\"[^\"]*\\b(notice|lead|fault|error)\\b|role=\"(alert|status)\")[^>]*>(?<text>[^<]*)<", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Said();
}

/// <summary>A response of the page.</summary>
internal sealed partial record PageAnswer(int Status, string Location, string Html)
{
    /// <summary>The forms with this action.</summary>
    public static IEnumerable<string> FormsOf(string html, string action) =>
        Form().Matches(html).Where(m => WebUtility.HtmlDecode(m.Groups["action"].Value) == action).Select(static m => m.Value);

    /// <summary>The names and values of the hidden fields of a form.</summary>
    public static List<KeyValuePair<string, string>> HiddenOf(string form) =>
        [.. Hidden().Matches(form).Select(static m => KeyValuePair.Create(m.Groups["name"].Value, WebUtility.HtmlDecode(m.Groups["value"].Value)))];

    /// <summary>The tag of a field that a person fills in; empty if the form has none of this name.</summary>
    public static string FieldOf(string form, string name) => Tag().Matches(form).Select(static m => m.Value).FirstOrDefault(t => t.Contains($"name=\"{name}\"", StringComparison.Ordinal) && !t.Contains("type=\"hidden\"", StringComparison.Ordinal)) ?? "";

    /// <summary>The names of the fields that a person fills in.</summary>
    public static IEnumerable<string> FieldsOf(string form) => Tag().Matches(form).Select(static m => m.Value)
        .Where(static t => !t.Contains("type=\"hidden\"", StringComparison.Ordinal)).Select(static t => Name().Match(t).Groups["name"].Value).Where(static n => n.Length > 0).Distinct();

    public static List<KeyValuePair<string, string>> Parse(string fields) => [.. fields.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static f => f.Split('=', 2)).Select(static f => KeyValuePair.Create(f[0], Uri.UnescapeDataString(f[1].Replace('+', ' '))))];

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]+)\".*?</form>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Form();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Hidden();

    [GeneratedRegex("<(input|select|fieldset|textarea)[^>]*>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Tag();

    [GeneratedRegex("name=\"(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Name();
}
