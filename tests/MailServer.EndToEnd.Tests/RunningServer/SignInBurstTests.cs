using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.WebPage;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>Bursts of guesses on every protocol of a real server: no more are checked than one after the other, and each burst bans once.</summary>
public sealed class SignInBurstTests : IAsyncLifetime
{
    private const int Burst = 60;
    private const int BanAfter = 5;
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.CreateAsync(new ServerSettings { HasSlowHashes = true, Security = [$"ban_after: {BanAfter.ToString(CultureInfo.InvariantCulture)}"] });
        await _server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["MAILSERVER_LOGGING__FORMAT"] = "text" });
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_burst_on_any_protocol_is_stopped_at_the_limit_and_banned_once()
    {
        (string Name, string From, Func<string, string, int, Task> Guess)[] doors =
        [
            ("imap", "127.0.0.101", (from, user, i) => ImapAsync(from, $"LOGIN {user} \"guess {i}\"")),
            ("imap sasl", "127.0.0.102", (from, user, i) => ImapAsync(from, $"AUTHENTICATE PLAIN {Base64($"\0{user}\0guess {i}")}")),
            ("submission", "127.0.0.103", (from, user, i) => SubmitAsync(from, $"AUTH PLAIN {Base64($"\0{user}\0guess {i}")}")),
            ("dav", "127.0.0.104", (from, user, i) => DavAsync(from, $"{user}:guess {i}")),
            ("page", "127.0.0.105", (from, user, i) => PageAsync(from, user, $"guess {i}", null)),
        ];
        // One account for each protocol: failures from many addresses would lock a shared one.
        foreach (var (name, from, guess) in doors)
        {
            var user = await _server.AddUserAsync();
            await AttackAsync(name, from, (address, i) => guess(address, user, i), "sign-in.failed");
            (await _server.ImapAsync(user)).Dispose();
        }

        var guarded = await _server.AddUserAsync();
        (await _server.CliAsync("user", "totp", "enable", guarded)).Succeeded();
        await AttackAsync("codes", "127.0.0.106", (from, i) => PageAsync(from, guarded, ServerProcess.Password, i.ToString("000000", CultureInfo.InvariantCulture)), "sign-in.wrong-code");
    }

    [Fact]
    public async Task A_login_of_control_characters_cannot_forge_lines_in_the_log_or_the_audit()
    {
        const string Forged = "x\r\n2026-11-29T00:00:00.000Z INF Sign-in as admin\e[2J\u0007";
        await using (var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true))
        {
            await wire.ReadLineAsync();
            await wire.SendAsync(string.Create(CultureInfo.InvariantCulture, $"a LOGIN {{{Forged.Length}+}}\r\n{Forged} wrong\r\n"));
            while (await wire.ReadLineAsync() is { } line && !line.StartsWith("a ", StringComparison.Ordinal)) Assert.NotNull(line);
        }

        await SubmitAsync("127.0.0.1", $"AUTH PLAIN {Base64($"\0{Forged}\0wrong")}");
        await DavAsync("127.0.0.1", $"{Forged.Replace(':', '.')}:wrong");
        await Eventually.BecomesTrueAsync(
            async () => (await _server.CliAsync("audit")).Succeeded().Output.Split('\n').Count(static l => l.Contains("Sign-in as admin", StringComparison.Ordinal)) == 3, "three failed sign-ins in the audit");
        foreach (var line in (await _server.CliAsync("audit")).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches(@"\A\d{4}-\d\d-\d\dT[^\t]+\t[a-z.-]+\t[^\p{Cc}]*\t[^\p{Cc}]*\t[^\p{Cc}]*\t[^\p{Cc}]*\z", line);
        var log = await File.ReadAllLinesAsync(Path.Combine(_server.Folder, "server.log"));
        Assert.Contains(log, static l => l.Contains(@"Sign-in as x\r\n2026-11-29T00:00:00.000Z INF Sign-in as admin\u001b[2J\u0007 from", StringComparison.Ordinal));
        Assert.All(log, static l => Assert.Matches(@"\A(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]{3} |  )[^\p{Cc}]*\z", l));
    }

    [Theory]
    [InlineData("a LOGIN {100000000+}\r\n")]
    [InlineData("a LOGIN {100000000}\r\n")]
    [InlineData("a AUTHENTICATE PLAIN {100000000+}\r\n")]
    [InlineData("a APPEND INBOX {100000000+}\r\n")]
    public async Task An_unauthenticated_client_that_announces_too_much_gets_BYE(string announced)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        await wire.SendAsync(announced);
        Assert.StartsWith("* BYE [TOOBIG]", await wire.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(await wire.ReadLineAsync());
    }

    [Fact]
    public async Task Unknown_logins_get_the_same_salt_after_a_restart_in_every_spelling_and_the_secret_file_is_private()
    {
        var user = await _server.AddUserAsync();
        string[] logins = [$"nobody@{_server.Domain}", $"NoBody@{_server.Domain.ToUpperInvariant()}", user, user.ToUpperInvariant()];
        var before = new List<string>();
        foreach (var login in logins) before.Add(await SaltAsync(login));
        Assert.Equal(before[0], before[1]);
        Assert.Equal(before[2], before[3]);
        Assert.NotEqual(before[0], before[2]);
        await _server.RestartAsync();
        for (var i = 0; i < logins.Length; i++) Assert.Equal(before[i], await SaltAsync(logins[i]));
        var file = Path.Combine(_server.Folder, "data", "sign-in.key");
        Assert.Matches("^[0-9a-f]{64}\\s*$", await File.ReadAllTextAsync(file));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private async Task AttackAsync(string name, string from, Func<string, int, Task> guess, string kind)
    {
        await Task.WhenAll(Enumerable.Range(0, Burst).Select(async i =>
        {
            try
            {
                await guess(from, i);
            }
            catch (Exception e) when (e is IOException or HttpRequestException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
            {
                // A banned address is refused on connection.
            }
        }));
        await Eventually.BecomesTrueAsync(async () => await CountAsync(from, "address.banned") > 0, $"a ban after a burst at {name}");
        Assert.Equal((name, BanAfter, 1), (name, await CountAsync(from, kind), await CountAsync(from, "address.banned")));
    }

    private async Task<int> CountAsync(string from, string kind)
    {
        using var audit = JsonDocument.Parse((await _server.CliAsync("audit", "--max", "10000", "--json")).Succeeded().Output);
        return audit.RootElement.EnumerateArray().Count(e => e.GetProperty("kind").GetString() == kind && e.GetProperty("address").GetString() == from);
    }

    private async Task ImapAsync(string from, string command)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true, from);
        if ((await wire.ReadLineAsync())?.StartsWith("* OK", StringComparison.Ordinal) != true) return;
        await wire.SendAsync($"a {command}\r\n");
        var answer = await wire.ReadLineAsync();
        Assert.DoesNotContain("a OK", answer ?? "", StringComparison.Ordinal);
    }

    private async Task SubmitAsync(string from, string command)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Submissions, tls: true, from);
        if ((await wire.ReadLineAsync())?.StartsWith("220", StringComparison.Ordinal) != true) return;
        await wire.SmtpAsync("EHLO x");
        Assert.DoesNotContain("235", await wire.SmtpAsync(command), StringComparison.Ordinal);
    }

    private async Task DavAsync(string from, string credentials)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), $"https://127.0.0.1:{_server.Ports.Dav.ToString(CultureInfo.InvariantCulture)}/");
        request.Headers.Authorization = new("Basic", Base64(credentials));
        using var response = await http.SendAsync(request);
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Forbidden });
    }

    private async Task PageAsync(string from, string user, string password, string? code)
    {
        using var browser = new Browser(_server, from);
        await browser.SignInAsync(user, password);
        if (code is not null) await browser.PostAsync("/sign-in/code", ("code", code));
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync("/me")).Status);
    }

    private async Task<string> SaltAsync(string login)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        await wire.SendAsync($"a AUTHENTICATE SCRAM-SHA-256 {Base64($"n,,n={login},r=abc")}\r\n");
        var challenge = Encoding.UTF8.GetString(Convert.FromBase64String((await wire.ReadLineAsync())![2..]));
        return challenge[challenge.IndexOf(",s=", StringComparison.Ordinal)..];
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
