using System.Net;
using System.Text;
using MailServer.Web.Dav.Methods;

namespace MailServer.Tests.Web;

/// <summary>The pages on the HTTPS ports: what everybody sees, what a user reaches, and what an administrator does not.</summary>
public sealed class PublicPagesTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Name = "mail.example.org";

    private static string Basic => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TestNode.Ben}:{TestNode.Password}"));

    public static TheoryData<string> HttpsPorts => ["dav port", "https port"];

    [Theory]
    [MemberData(nameof(HttpsPorts))]
    public async Task A_browser_without_credentials_gets_a_start_page_that_helps_to_set_up_a_mail_program(string door)
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == door));
        var page = await http.SendAsync("GET", "/", Name);
        Assert.Equal((200, null), (page.Status, page.Header("WWW-Authenticate")));
        Assert.StartsWith("default-src 'none'; style-src 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("href=\"/sign-in\"", page.Body, StringComparison.Ordinal);
        Assert.Contains($"https://mail.example.org:{node.Https}/", page.Body.Replace("<wbr>", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("example.org:8090", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin", page.Body, StringComparison.Ordinal);
        Assert.Equal((200, ""), await StatusAndBodyAsync(http, "HEAD", "/"));
        var style = page.Body.Split("href=\"")[1..].Select(static h => h.Split('"')[0]).Single(static h => h.EndsWith(".css", StringComparison.Ordinal));
        Assert.Equal("text/css; charset=utf-8", (await http.SendAsync("GET", style, Name)).Header("Content-Type"));
    }

    [Fact]
    public async Task The_start_page_is_the_same_for_an_account_and_for_no_account()
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == "https port"));
        async Task<string> ShownAsync(string name) =>
            WebUtility.HtmlDecode((await http.SendAsync("GET", $"/?email={name}@example.org", Name)).Body).Replace("<wbr>", "", StringComparison.Ordinal).Replace(name, "NAME", StringComparison.Ordinal);

        static string WithoutCode(string page) => System.Text.RegularExpressions.Regex.Replace(page, "<svg.*?</svg>", "", System.Text.RegularExpressions.RegexOptions.Singleline, TimeSpan.FromSeconds(1));
        Assert.Equal(WithoutCode(await ShownAsync("ann")), WithoutCode(await ShownAsync("nob")));
        Assert.Contains("/setup/apple.mobileconfig?email=NAME", await ShownAsync("ann"), StringComparison.Ordinal);
        foreach (var typed in (string[])["ann@elsewhere.example", "no%20address", "%3Cb%3E@x", "%EF%BF%BE@example.org"])
        {
            var page = await http.SendAsync("GET", "/?email=" + typed, Name);
            Assert.Equal(200, page.Status);
            Assert.DoesNotContain("<b>", page.Body, StringComparison.Ordinal);
            Assert.Contains("aria-invalid=\"true\"", page.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("mobileconfig", page.Body, StringComparison.Ordinal);
        }

        var old = await http.SendAsync("GET", "/setup?email=ann%2Bx@example.org", Name);
        Assert.Equal((303, "/?email=ann%2Bx%40example.org"), (old.Status, old.Header("Location")));
    }

    [Theory]
    [InlineData("mail.example.org", 200, null)]
    [InlineData("MAIL.example.org.", 200, null)]
    [InlineData("page.example.net", 200, null)]
    [InlineData("127.0.0.1", 200, null)]
    [InlineData("example.org", 302, "https://mail.example.org:PORT/?x=%22y")]
    [InlineData("mta-sts.example.org", 302, "https://mail.example.org:PORT/?x=%22y")]
    [InlineData("autoconfig.example.org", 302, "https://mail.example.org:PORT/?x=%22y")]
    [InlineData("evil.example", 421, null)]
    [InlineData("mail.example.org.evil.example", 421, null)]
    [InlineData("[2001:db8::1]", 421, null)]
    public async Task Pages_are_served_under_the_names_of_this_server_only(string host, int status, string? location)
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == "https port"));
        var start = await http.SendAsync("GET", "/?x=%22y", host);
        Assert.Equal((status, location?.Replace("PORT", node.Https.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)), (start.Status, start.Header("Location")));
        Assert.Equal(status == 200 ? 200 : 421, (await http.SendAsync("GET", "/sign-in", host)).Status);
        Assert.Equal(status == 200 ? 303 : 421, (await http.SendAsync("GET", "/me/devices", host)).Status);
        // DAV and discovery answer under any name, as before.
        Assert.Equal(401, (await http.SendAsync("PROPFIND", "/", host)).Status);
        Assert.Equal("/caldav/", (await http.SendAsync("PROPFIND", "/.well-known/caldav", host)).Header("Location"));
        Assert.Equal(host.StartsWith("mta-sts.example", StringComparison.Ordinal) ? 200 : 404, (await http.SendAsync("GET", "/.well-known/mta-sts.txt", host)).Status);
        Assert.Equal(200, (await http.SendAsync("GET", "/mail/config-v1.1.xml?emailaddress=x@example.org", host)).Status);
    }

    [Fact]
    public async Task With_credentials_the_root_is_still_the_entry_point_of_DAV()
    {
        await using var http = new RawHttp(node.Doors.Single(d => d.Name == "https port"));
        foreach (var method in DavEndpoint.Allowed.Split(", ").Where(static m => m is not ("OPTIONS" or "GET" or "HEAD")))
        {
            var refused = await http.SendAsync(method, "/", Name, body: []);
            Assert.True(refused is { Status: 401 } && refused.Header("WWW-Authenticate")!.StartsWith("Basic", StringComparison.Ordinal), method);
        }

        Assert.Equal(401, (await http.SendAsync("GET", "/", Name, fields: ["Authorization: Basic !"])).Status);
        var page = await http.SendAsync("GET", "/", Name, fields: ["Authorization: Basic " + Basic]);
        Assert.Contains($"/dav/calendars/{TestNode.Ben}/", page.Body, StringComparison.Ordinal);
        Assert.Equal(207, (await http.SendAsync("PROPFIND", "/", Name, fields: ["Authorization: Basic " + Basic, "Depth: 0"])).Status);
    }

    [Fact]
    public async Task A_session_opens_nothing_of_DAV_and_DAV_credentials_open_no_page()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben, port: node.Https);
        foreach (var path in (string[])["/dav/", $"/dav/principals/{TestNode.Ben}/", $"/dav/calendars/{TestNode.Ben}/calendar/", $"/dav/files/{TestNode.Ben}/"])
        {
            using var answer = await ben.RequestAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var visitor = PageVisitor.Anonymous(node, node.Https);
        foreach (var path in (string[])["/me", "/me/devices", "/me/setup/apple.mobileconfig"])
        {
            using var answer = await visitor.RequestAsync(HttpMethod.Get, path, null, ("Authorization", "Basic " + Basic));
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            Assert.StartsWith("/sign-in", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Files_of_users_cannot_run_in_the_origin_of_the_pages()
    {
        using var ben = PageVisitor.Anonymous(node, node.Https);
        var credentials = ("Authorization", "Basic " + Basic);
        foreach (var (name, type) in new[] { ("page.html", "text/html"), ("page.svg", "image/svg+xml"), ("page.js", "text/javascript") })
        {
            var path = $"/dav/files/{TestNode.Ben}/{name}";
            using var content = new StringContent("<script>alert(1)</script>", Encoding.UTF8, type);
            using (var stored = await ben.RequestAsync(HttpMethod.Put, path, content, credentials)) Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            using var answer = await ben.RequestAsync(HttpMethod.Get, path, null, credentials);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.StartsWith("sandbox;", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Fact]
    public async Task A_user_signs_in_with_cookies_for_TLS_only_and_every_own_page_opens()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben, port: node.Https);
        foreach (var path in (string[])["/me", "/me/devices", "/me/security", "/me/setup", "/me/calendars"])
        {
            var page = await ben.OpenAsync(path);
            Assert.Equal(200, page.Status);
            Assert.DoesNotContain("/admin", page.Html, StringComparison.Ordinal);
        }

        Assert.Equal((303, "/me"), ((await ben.OpenAsync("/")).Status, (await ben.OpenAsync("/")).Location));
        var cookies = ben.Cookies.GetCookies(ben.Root).Cast<Cookie>().ToList();
        Assert.Equal(["__Host-session", "__Host-visit"], cookies.Select(static c => c.Name).Order());
        Assert.All(cookies, static c => Assert.True(c is { Secure: true, HttpOnly: true, Path: "/" }));
        using var visitor = PageVisitor.Anonymous(node, node.Https);
        using var first = await visitor.RequestAsync(HttpMethod.Get, "/sign-in");
        Assert.EndsWith("; path=/; secure; samesite=strict; httponly", first.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Contains("max-age", first.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_for_administrators_do_not_exist_there_not_even_for_administrators()
    {
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann, port: node.Https);
        Assert.Equal("/me", (await ann.OpenAsync("/")).Location);
        Assert.DoesNotContain("/admin", (await ann.OpenAsync("/me")).Html, StringComparison.Ordinal);
        foreach (var path in (string[])["/admin", "/admin/accounts", "/admin/accounts/remove?address=ben@example.org", "/admin/nothing"]) Assert.Equal(404, (await ann.OpenAsync(path)).Status);
        using var desk = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        var filled = await desk.FillAsync("/admin/aliases", "/admin/aliases/add", "address=here%40example.org&targets=ann%40example.org");
        Assert.Equal(404, (await ann.SendAsync("/admin/aliases/add", filled)).Status);
        // A session is one session, on whichever port: the cookie belongs to the host.
        foreach (Cookie cookie in desk.Cookies.GetCookies(desk.Root)) ann.Cookies.Add(new Cookie(cookie.Name, cookie.Value, "/", "127.0.0.1") { Secure = true });
        Assert.Equal(404, (await ann.OpenAsync("/admin/accounts")).Status);
        Assert.DoesNotContain("here@example.org", await node.CliAsync("alias", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_need_their_token_and_must_come_from_this_site()
    {
        using var ben = await PageVisitor.SignedInAsync(node, TestNode.Ben, port: node.Https);
        var filled = await ben.FillAsync("/me/devices", "/me/devices/add", "name=Forged&scope=dav&current=" + Uri.EscapeDataString(TestNode.Password));
        foreach (var (fields, site) in new[] { (filled.Where(static f => f.Key != "token"), "same-site"), (filled, "cross-site"), (filled, "same-site"), (filled.Where(static f => f.Key != "token"), "") })
        {
            using var content = new FormUrlEncodedContent(fields);
            using var answer = await ben.RequestAsync(HttpMethod.Post, "/me/devices/add", content, ("Sec-Fetch-Site", site));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        Assert.DoesNotContain("Forged", await node.CliAsync("user", "app-password", "list", TestNode.Ben), StringComparison.Ordinal);
        Assert.Contains("class=\"secret\"", (await ben.SendAsync("/me/devices/add", filled)).Html, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Body)> StatusAndBodyAsync(RawHttp http, string method, string path)
    {
        var answer = await http.SendAsync(method, path, Name);
        return (answer.Status, answer.Body);
    }
}
