using System.Net;
using MailKit.Net.Imap;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.WebPage;

/// <summary>The web page over HTTP: sign-in, authorization, and security headers.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private static readonly string[] AdminPages =
    [
        "/admin", "/admin/domains", "/admin/domains/records?domain=example.test", "/admin/domains/dkim?domain=example.test", "/admin/accounts", "/admin/accounts/show?address=USER", "/admin/aliases", "/admin/lists", "/admin/queue",
        "/admin/queue/show?id=1", "/admin/health", "/admin/sessions", "/admin/certificates", "/admin/reports", "/admin/reports/sent", "/admin/reports/show?id=1", "/admin/bans", "/admin/logs", "/admin/logs/warnings",
    ];

    private static readonly string[] AdminActions =
    [
        "domains/add", "domains/remove", "domains/dkim/rotate", "domains/dkim/activate", "domains/dkim/retire", "accounts/add", "accounts/remove", "accounts/quota", "accounts/password", "accounts/enable", "accounts/disable", "accounts/device", "accounts/codes", "accounts/grant", "accounts/revoke", "aliases/add", "aliases/remove", "lists/add", "lists/remove", "lists/settings", "lists/members/add", "lists/members/remove", "lists/enable", "lists/disable", "domains/alias-of",
        "queue/retry", "queue/hold", "queue/release", "queue/delete", "sessions/kick", "certificates/renew", "bans/add", "bans/remove", "health/rerun",
    ];

    private const string Ended = "/sign-in?to=%2Fme&ended=yes";

    private static readonly string[] OwnPages = ["/me", "/me/devices", "/me/security", "/me/setup", "/me/setup/apple.mobileconfig", "/me/calendars"];

    private ServerProcess _server = null!;

    public async Task InitializeAsync() =>
        _server = await ServerProcess.StartNewAsync(new ServerSettings { Security = ["ban_after: 5"], RelayHost = "127.0.0.1:9" });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_response_forbids_scripts_frames_sniffing_and_caching()
    {
        var user = await _server.AddUserAsync();
        using var browser = await Browser.SignedInAsync(_server, user);
        foreach (var path in new[] { "/", "/sign-in", "/me", "/me/devices", "/admin", "/nothing", "/me/setup/apple.mobileconfig" })
        {
            var seen = await browser.GetAsync(path);
            Assert.Equal("default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'", seen.Headers["Content-Security-Policy"]);
            Assert.Equal("nosniff", seen.Headers["X-Content-Type-Options"]);
            Assert.Equal("same-origin", seen.Headers["Referrer-Policy"]);
            Assert.Equal("no-store", seen.Headers["Cache-Control"]);
            Assert.DoesNotContain("<script", seen.Html, StringComparison.Ordinal);
            Assert.DoesNotContain(" style=", seen.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cookies_are_inaccessible_to_scripts_and_other_sites_and_with_TLS_never_sent_over_plain_HTTP()
    {
        var user = await _server.AddUserAsync();
        using var browser = new Browser(_server);
        Assert.Matches("^visit=[^;]{43}; path=/; samesite=strict; httponly$", (await browser.GetAsync("/sign-in")).Headers["Set-Cookie"]);
        var signedIn = await browser.PostAsync("/sign-in", ("address", user), ("password", ServerProcess.Password));
        Assert.Matches("^session=[^;]{43}; path=/; samesite=strict; httponly$", signedIn.Headers["Set-Cookie"]);

        using var behindProxy = new Browser(_server);
        var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in");
        request.Headers.Add("X-Forwarded-Proto", "https");
        Assert.Matches("^__Host-visit=[^;]{43}; path=/; secure; samesite=strict; httponly$", (await behindProxy.SendAsync(request)).Headers["Set-Cookie"]);
    }

    [Fact]
    public async Task A_form_without_the_CSRF_token_of_its_session_is_refused_and_changes_nothing()
    {
        var (ann, ben) = (await _server.AddUserAsync("ann"), await _server.AddUserAsync("ben"));
        using var hers = await Browser.SignedInAsync(_server, ann);
        using var his = await Browser.SignedInAsync(_server, ben);
        (string, string)[] device = [("name", "stolen"), ("scope", "mail")];
        foreach (var token in new[] { "", "nonsense", his.Token })
            Assert.Equal(HttpStatusCode.Forbidden, (await hers.PostAsync("/me/devices/add", [.. device, ("token", token)])).Status);
        var fromElsewhere = new HttpRequestMessage(HttpMethod.Post, "/me/devices/add")
        {
            Content = new FormUrlEncodedContent([new("name", "stolen"), new("scope", "mail"), new("token", hers.Token)]),
        };
        fromElsewhere.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await hers.SendAsync(fromElsewhere)).Status);
        Assert.DoesNotContain("stolen", (await hers.GetAsync("/me/devices")).Html, StringComparison.Ordinal);

        using var nobody = new Browser(_server);
        await nobody.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.PostAsync("/sign-in", ("address", ann), ("password", ServerProcess.Password), ("token", his.Token))).Status);
    }

    [Fact]
    public async Task Visitors_are_redirected_to_sign_in_and_users_cannot_see_administrator_pages()
    {
        var user = await _server.AddUserAsync();
        using var stranger = new Browser(_server);
        foreach (var path in AdminPages.Concat(OwnPages)) Assert.Equal("/sign-in?to=" + Uri.EscapeDataString(path), (await stranger.GetAsync(path)).Location);
        foreach (var action in AdminActions) Assert.Equal(HttpStatusCode.Forbidden, (await stranger.PostAsync("/admin/" + action, ("address", user))).Status);

        using var browser = await Browser.SignedInAsync(_server, user);
        foreach (var path in OwnPages) Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(path)).Status);
        foreach (var path in AdminPages) Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(path.Replace("USER", user, StringComparison.Ordinal))).Status);
        foreach (var action in AdminActions) Assert.Equal(HttpStatusCode.NotFound, (await browser.PostAsync("/admin/" + action, ("address", user), ("domain", "new.test"))).Status);
        Assert.DoesNotContain("new.test", (await _server.CliAsync("domain", "list")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrator_granted_on_the_command_line_sees_every_page_until_the_role_is_revoked()
    {
        var (admin, other) = (await _server.AddUserAsync("ann"), await _server.AddUserAsync("ben"));
        (await _server.CliAsync("user", "admin", "grant", admin)).Succeeded();
        Assert.Equal($"{admin}\tyes", (await _server.CliAsync("user", "admin", "list")).Succeeded().Output.Trim());
        using var browser = await Browser.SignedInAsync(_server, admin);
        foreach (var path in AdminPages.Where(static p => !p.EndsWith("id=1", StringComparison.Ordinal)))
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(path.Replace("USER", other, StringComparison.Ordinal))).Status);
        Assert.Contains("cannot disable your own", (await browser.SubmitAsync("/admin/accounts/disable", ("address", admin))).Html, StringComparison.Ordinal);

        (await _server.CliAsync("user", "admin", "revoke", admin)).Succeeded();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/admin")).Status);
        Assert.Equal(1, (await _server.CliAsync("user", "admin", "grant", "nobody@example.test")).ExitCode);
    }

    [Fact]
    public async Task The_devices_and_calendars_of_another_account_are_inaccessible()
    {
        var (ann, ben) = (await _server.AddUserAsync("ann"), await _server.AddUserAsync("ben"));
        using var hers = await Browser.SignedInAsync(_server, ann);
        using var his = await Browser.SignedInAsync(_server, ben);
        await hers.PostAsync("/me/devices/add", ("name", "hers"), ("scope", "mail"), ("current", ServerProcess.Password));
        Assert.Contains("/ics/", (await hers.SubmitAsync("/me/calendars/link", ("collection", "calendars/calendar"))).Html, StringComparison.Ordinal);

        await his.GetAsync("/me/devices");
        Assert.Contains("No app password", (await his.SubmitAsync("/me/devices/remove", ("name", "hers"), ("address", ann), ("account", ann))).Html, StringComparison.Ordinal);
        await his.SubmitAsync("/me/calendars/unlink", ("collection", "calendars/calendar"), ("account", ann));
        await his.SubmitAsync("/me/calendars/unlink", ("collection", $"/dav/calendars/{ann}/calendar/"));
        await his.SubmitAsync("/me/security/password", ("address", ann), ("current", ServerProcess.Password), ("new", "my own words 7"), ("again", "my own words 7"));
        // Forms name the page that they are on, with its query.
        foreach (var path in OwnPages) Assert.DoesNotContain(ann, (await his.GetAsync(path + "?address=" + ann)).Html.Replace($"value=\"{path}?address={ann}\"", "", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Contains("hers", (await hers.GetAsync("/me/devices")).Html, StringComparison.Ordinal);
        Assert.Contains("/ics/", (await hers.GetAsync("/me/calendars")).Html, StringComparison.Ordinal);
        (await _server.ImapAsync(ann)).Dispose();
    }

    [Fact]
    public async Task An_app_password_created_on_the_page_works_for_its_scope_until_it_is_revoked()
    {
        var user = await _server.AddUserAsync();
        using var browser = await Browser.SignedInAsync(_server, user);
        var made = await browser.PostAsync("/me/devices/add", ("name", "phone"), ("scope", "mail"), ("current", ServerProcess.Password));
        var secret = System.Text.RegularExpressions.Regex.Match(made.Html, "class=\"secret\">([a-z0-9-]+)<").Groups[1].Value;
        (await _server.ImapAsync(user, secret)).Dispose();
        using (var client = await _server.SubmissionConnectionAsync())
            await Assert.ThrowsAsync<MailKit.Security.AuthenticationException>(() => client.AuthenticateAsync(user, secret));
        await browser.SubmitAsync("/me/devices/require", ("only", "yes"), ("current", ServerProcess.Password));
        await Assert.ThrowsAsync<MailKit.Security.AuthenticationException>(() => _server.ImapAsync(user));
        await browser.SubmitAsync("/me/devices/remove", ("name", "phone"));
        await Assert.ThrowsAsync<MailKit.Security.AuthenticationException>(() => _server.ImapAsync(user, secret));
        Assert.Contains("already an app password", await TwiceAsync(browser), StringComparison.Ordinal);

        var audit = (await _server.CliAsync("audit", "--json")).Succeeded().Output;
        Assert.Contains("/me/devices/add phone", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_with_sign_out_a_new_password_or_the_removal_of_its_account()
    {
        var user = await _server.AddUserAsync();
        using var first = await Browser.SignedInAsync(_server, user);
        using var second = await Browser.SignedInAsync(_server, user);
        Assert.Contains("password is wrong", (await first.SubmitAsync("/me/security/password", ("current", "wrong"), ("new", "other words 5"), ("again", "other words 5"))).Html, StringComparison.Ordinal);
        Assert.Contains("is changed", (await first.SubmitAsync("/me/security/password", ("current", ServerProcess.Password), ("new", "other words 5"), ("again", "other words 5"))).Html, StringComparison.Ordinal);
        Assert.Equal(Ended, (await second.GetAsync("/me")).Location);

        var kept = first.Cookies.GetCookies(first.Root)["session"]!.Value;
        Assert.Equal("/sign-in", (await first.PostAsync("/sign-out")).Location);
        first.Cookies.Add(first.Root, new Cookie("session", kept));
        Assert.Equal(Ended, (await first.GetAsync("/me")).Location);

        using var third = await Browser.SignedInAsync(_server, user, "other words 5");
        (await _server.CliAsync("user", "disable", user)).Succeeded();
        Assert.Equal(Ended, (await third.GetAsync("/me")).Location);
    }

    [Fact]
    public async Task Sessions_and_open_forms_survive_a_restart_and_a_sign_out_stays_one()
    {
        var user = await _server.AddUserAsync();
        using var stays = await Browser.SignedInAsync(_server, user);
        using var leaves = await Browser.SignedInAsync(_server, user);
        var cookie = leaves.Cookies.GetCookies(leaves.Root)["session"]!.Value;
        await leaves.PostAsync("/sign-out");
        await _server.StopAsync();
        await _server.StartAsync();
        var made = await stays.PostAsync("/me/devices/add", ("name", "phone"), ("scope", "mail"), ("current", ServerProcess.Password));
        Assert.Contains("class=\"secret\"", made.Html, StringComparison.Ordinal);
        leaves.Cookies.Add(leaves.Root, new Cookie("session", cookie));
        Assert.Equal(Ended, (await leaves.GetAsync("/me")).Location);
    }

    [Fact]
    public async Task Security_settings_cannot_be_changed_in_an_open_session_without_the_password()
    {
        var (admin, other) = (await _server.AddUserAsync("ann"), await _server.AddUserAsync("ben"));
        (await _server.CliAsync("user", "admin", "grant", admin)).Succeeded();
        (string Path, (string, string)[] Fields)[] changes =
        [
            ("/me/security/password", [("new", "other words 5"), ("again", "other words 5")]),
            ("/me/security/codes/confirm", [("code", "000000")]),
            ("/me/security/codes/end", []),
            ("/me/devices/add", [("name", "stolen"), ("scope", "mail")]),
            ("/me/devices/require", [("only", "no")]),
            ("/admin/accounts/password", [("address", other), ("new", "other words 5")]),
            ("/admin/accounts/codes", [("address", other)]),
            ("/admin/accounts/grant", [("address", other)]),
        ];
        foreach (var (path, fields) in changes)
        {
            // Each starts with a fresh failure count.
            using var browser = await Browser.SignedInAsync(_server, admin);
            foreach (var password in new[] { "", "wrong" })
                Assert.Contains("current password is wrong", (await browser.SubmitAsync(path, [.. fields, ("current", password)])).Html, StringComparison.Ordinal);
            Assert.Contains("current password is wrong", (await browser.SubmitAsync(path, fields)).Html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("stolen", (await _server.CliAsync("user", "app-password", "list", admin)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal($"{admin}\tyes", (await _server.CliAsync("user", "admin", "list")).Succeeded().Output.Trim());
        (await _server.ImapAsync(other)).Dispose();
    }

    [Fact]
    public async Task Guessing_the_password_in_an_open_session_bans_like_guessing_at_sign_in()
    {
        var user = await _server.AddUserAsync();
        using var browser = new Browser(_server, from: "127.0.0.90");
        await browser.SignInAsync(user, ServerProcess.Password);
        await browser.GetAsync("/me");
        for (var i = 0; i < 5; i++) await browser.SubmitAsync("/me/devices/add", ("name", "x"), ("scope", "mail"), ("current", $"guess {i}"));
        Assert.Contains("127.0.0.90", (await _server.CliAsync("bans", "list")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("is wrong", (await browser.SubmitAsync("/me/devices/add", ("name", "x"), ("scope", "mail"), ("current", ServerProcess.Password))).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_at_sign_in_is_slowed_and_then_banned()
    {
        var user = await _server.AddUserAsync();
        using var attacker = new Browser(_server, from: "127.0.0.88");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        BrowserResponse seen;
        var tried = 0;
        do seen = await attacker.SignInAsync(user, $"guess {tried}");
        while (seen.Status == HttpStatusCode.UnprocessableEntity && ++tried < 20);
        Assert.Equal(HttpStatusCode.Forbidden, seen.Status);
        Assert.InRange(tried, 4, 5);
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(1.5), $"{tried} guesses took {watch.Elapsed}");
        Assert.Equal(HttpStatusCode.Forbidden, (await attacker.SignInAsync(user, ServerProcess.Password)).Status);
        (await Browser.SignedInAsync(_server, user)).Dispose();
    }

    [Fact]
    public async Task Text_from_outside_is_shown_literally_and_has_no_effect()
    {
        const string Script = "<script>alert(1)</script>";
        const string Shown = "&lt;script&gt;alert(1)&lt;/script&gt;";
        var admin = await _server.AddUserAsync();
        (await _server.CliAsync("user", "admin", "grant", admin)).Succeeded();
        using var imap = await _server.ImapAsync(admin);
        await imap.IdentifyAsync(new ImapImplementation { Name = Script });
        using (var client = await _server.SubmitAsync(admin))
        {
            var letter = MailKitClients.Letter(admin, "x@remote.test", Script);
            letter.Headers["Message-Id"] = $"<a\"{Script}@example.test>";
            await client.SendAsync(letter);
        }

        using var browser = await Browser.SignedInAsync(_server, admin);
        await browser.PostAsync("/admin/bans/add", ("address", "203.0.113.1"), ("reason", Script));
        await browser.PostAsync("/me/devices/add", ("name", Script), ("scope", "dav"), ("current", ServerProcess.Password));
        await browser.SignInAsync(Script, Script);
        var queue = await browser.GetAsync("/admin/queue");
        var story = System.Text.RegularExpressions.Regex.Match(queue.Html, "href=\"(/admin/queue/show[^\"]+)\"").Groups[1].Value;
        foreach (var path in new[] { "/admin/sessions", "/admin/bans", "/me/devices", "/admin/accounts/show?address=" + admin, "/admin/logs", WebUtility.HtmlDecode(story) })
        {
            var seen = await browser.GetAsync(path);
            Assert.True(seen.Html.Contains(Shown, StringComparison.Ordinal), path);
            Assert.False(seen.Html.Contains("<script", StringComparison.Ordinal), path);
        }

        Assert.DoesNotContain("<script", (await browser.GetAsync("/admin/queue/show?id=" + Uri.EscapeDataString(Script))).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queued_message_is_held_released_retried_and_deleted_on_its_page_and_a_session_is_ended()
    {
        var admin = await _server.AddUserAsync();
        (await _server.CliAsync("user", "admin", "grant", admin)).Succeeded();
        using (var client = await _server.SubmitAsync(admin)) await client.SendAsync(MailKitClients.Letter(admin, "x@remote.test", "later"));
        using var browser = await Browser.SignedInAsync(_server, admin);
        var id = System.Text.RegularExpressions.Regex.Match((await browser.GetAsync("/admin/queue")).Html, "show\\?id=([^\"]+)\"").Groups[1].Value;
        Assert.Contains(">held<", (await browser.SubmitAsync("/admin/queue/hold", ("id", id))).Html, StringComparison.Ordinal);
        Assert.DoesNotContain(">held<", (await browser.SubmitAsync("/admin/queue/release", ("id", id))).Html, StringComparison.Ordinal);
        Assert.Contains("is being retried", (await browser.SubmitAsync("/admin/queue/retry", ("id", id))).Html, StringComparison.Ordinal);
        Assert.Contains("no longer in the queue", (await browser.SubmitAsync("/admin/queue/delete", ("id", id))).Html, StringComparison.Ordinal);
        Assert.Contains("no longer in the queue", (await browser.SubmitAsync("/admin/queue/retry", ("id", id))).Html, StringComparison.Ordinal);

        using var imap = await _server.ImapAsync(admin);
        var session = System.Text.RegularExpressions.Regex.Match((await browser.GetAsync("/admin/sessions")).Html, "name=\"id\" value=\"([^\"]+)\"").Groups[1].Value;
        Assert.Contains("ends after its current command", (await browser.SubmitAsync("/admin/sessions/kick", ("id", session))).Html, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => imap.NoOpAsync());
    }

    [Fact]
    public async Task Errors_are_shown_as_a_page_without_internal_details()
    {
        using var browser = new Browser(_server);
        await browser.GetAsync("/sign-in");
        (HttpRequestMessage Request, HttpStatusCode Status)[] bad =
        [
            (new(HttpMethod.Get, "/nothing"), HttpStatusCode.NotFound),
            (new(HttpMethod.Put, "/me"), HttpStatusCode.MethodNotAllowed),
            (new(HttpMethod.Post, "/sign-in") { Content = new StringContent("{}", null, "application/json") }, HttpStatusCode.UnsupportedMediaType),
            (new(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent([new("password", new string('x', 200_000))]) }, HttpStatusCode.RequestEntityTooLarge),
        ];
        foreach (var (request, status) in bad)
        {
            var seen = await browser.SendAsync(request);
            Assert.Equal(status, seen.Status);
            Assert.Contains("<h1>", seen.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", seen.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_admin_TLS_the_port_serves_HTTPS_and_its_cookies_are_limited_to_this_host()
    {
        var user = await _server.AddUserAsync();
        await _server.StopAsync();
        await _server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["MAILSERVER_ADMIN__TLS"] = "true" });
        using var browser = new Browser(_server, tls: true);
        var signedIn = await browser.SignInAsync(user, ServerProcess.Password);
        Assert.Matches("^__Host-session=[^;]{43}; path=/; secure; samesite=strict; httponly$", signedIn.Headers["Set-Cookie"]);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/me")).Status);
    }

    private static async Task<string> TwiceAsync(Browser browser)
    {
        await browser.PostAsync("/me/devices/add", ("name", "again"), ("scope", "mail"), ("current", ServerProcess.Password));
        return (await browser.SubmitAsync("/me/devices/add", ("name", "again"), ("scope", "mail"), ("current", ServerProcess.Password))).Html;
    }
}
