using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>Import and export of calendars and address books on the page.</summary>
public sealed partial class PageFilesTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Page = "/me/calendars";
    private const string Old =
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Gr=C3=BCn;J=C3=B6rg\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad\r\nnot folded\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nUID:two\r\nFN:Two\r\nEND:VCARD\r\n";

    [Fact]
    public async Task A_file_is_imported_twice_without_copies_and_exported_again()
    {
        using var http = Client();
        var token = await SignInAsync(http);
        foreach (var _ in new[] { 1, 2 })
        {
            var notice = await ImportAsync(http, token, "addressbooks/contacts", Old);
            token = await TokenAsync(http, Page);
            Assert.Contains("2 entries imported, 0 duplicates, 1 refused.", notice, StringComparison.Ordinal);
            Assert.Contains("card 2, line 8 (UID bad): no colon before a value", notice, StringComparison.Ordinal);
        }

        var exported = await http.GetAsync(Page + "/export?collection=addressbooks%2Fcontacts");
        Assert.Equal("contacts.vcf", exported.Content.Headers.ContentDisposition!.FileName);
        var cards = await exported.Content.ReadAsStringAsync();
        Assert.Equal(2, cards.Split("BEGIN:VCARD").Length - 1);
        Assert.Contains("N:Grün;Jörg", cards, StringComparison.Ordinal);

        const string events = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nDTSTART:20260101T100000Z\r\nSUMMARY:Walk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        Assert.Contains("1 entry imported, 0 duplicates, 0 refused.", await ImportAsync(http, token, "calendars/calendar", events), StringComparison.Ordinal);
        Assert.Contains("SUMMARY:Walk", await http.GetStringAsync(Page + "/export?collection=calendars%2Fcalendar"), StringComparison.Ordinal);
        Assert.Contains("contains no events", await ImportAsync(http, token, "calendars/calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), StringComparison.Ordinal);
        Assert.Contains("Choose a file", await ImportAsync(http, token, "calendars/calendar", ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("addressbooks/none")]
    [InlineData("calendars/inbox")]
    [InlineData("")]
    public async Task What_is_no_calendar_cannot_be_exported(string collection)
    {
        using var http = Client();
        await SignInAsync(http);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(Page + "/export?collection=" + Uri.EscapeDataString(collection))).StatusCode);
    }

    [Fact]
    public async Task Without_a_sign_in_or_a_token_no_file_is_imported()
    {
        using var stranger = Client();
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(stranger, "x", "calendars/calendar", Old)).StatusCode);
        Assert.StartsWith("/sign-in?to=", (await stranger.GetAsync(Page + "/export?collection=calendars%2Fcalendar")).Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var http = Client();
        await SignInAsync(http);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(http, "x", "calendars/calendar", Old)).StatusCode);
    }

    private static async Task<string> ImportAsync(HttpClient http, string token, string collection, string text)
    {
        var response = await PostAsync(http, token, collection, text);
        if (response.StatusCode == HttpStatusCode.UnprocessableEntity) return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.SeeOther, Page), (response.StatusCode, response.Headers.Location!.OriginalString));
        return WebUtility.HtmlDecode(await http.GetStringAsync(Page));
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string token, string collection, string text)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(token), "token" },
            { new StringContent(collection), "collection" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", "old.file" },
        };
        return await http.PostAsync(Page + "/import", form);
    }

    private static async Task<string> SignInAsync(HttpClient http)
    {
        var fields = new Dictionary<string, string> { ["address"] = TestNode.Ann, ["password"] = TestNode.Password, ["token"] = await TokenAsync(http, "/sign-in") };
        using var form = new FormUrlEncodedContent(fields);
        Assert.Equal(HttpStatusCode.SeeOther, (await http.PostAsync("/sign-in", form)).StatusCode);
        return await TokenAsync(http, Page);
    }

    private static async Task<string> TokenAsync(HttpClient http, string path) => TokenField().Match(await http.GetStringAsync(path)).Groups["token"].Value;

    private HttpClient Client()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer(), SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        var http = new HttpClient(handler) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{node.Admin}")) };
        http.DefaultRequestHeaders.Host = "mail.example.org";
        return http;
    }

    [GeneratedRegex("name=\"token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TokenField();
}
