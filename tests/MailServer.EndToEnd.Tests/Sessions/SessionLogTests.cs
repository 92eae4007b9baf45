using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>What the log tells of sessions and of their mail: no line has an empty field, whatever a client leaves out.</summary>
public sealed partial class SessionLogTests
{
    /// <summary>The lines about sessions and their mail that the sessions of the test must cause, so that the test keeps seeing all of them.</summary>
    private static readonly string[] Expected =
    [
        "IMAP session {Session} from {Remote}", "IMAP session {Session} signed in as {Account} from {Remote}", "IMAP session {Session} ended",
        "SMTP session {Session} ({Policy}) from {Remote}", "SMTP session {Session} signed in as {Account} from {Remote}", "SMTP session {Session} ended",
        "{Kind} connection {Connection} from {Remote}: TLS handshake failed ({Failure}): {Reason}", "Sign-in as {Login} from {Peer} failed",
        "Message {Message} stored for account {Account} as UID {Uid}", "Session {Session} notified of account {Account} up to mod-sequence {ModSeq}",
        "Message {Message} to <{Recipient}>: {State} by {Host} (TLS: {Tls}): {Reply}",
        "Notice ({Action}) about message {Message} to <{Sender}>: {Reply}",
    ];

    [Fact]
    public async Task No_line_about_a_session_or_its_mail_has_an_empty_field()
    {
        var port = FreePort.Take();
        await using var relay = SmtpReceiver.Start("127.0.0.1", port);
        await using var server = await ServerProcess.StartNewAsync(new ServerSettings { RelayHost = $"127.0.0.1:{port}", RequireTls = false });
        var (ann, ben) = (await server.AddUserAsync("ann"), await server.AddUserAsync("ben"));
        (await server.CliAsync("log", "level", "all", "debug")).Succeeded();
        await ImapAsync(server, ann);
        await SmtpAsync(server, ann);
        await SubmitAsync(server, ann, ben, relay);
        await TlsAsync(server);
        await DavAsync(server);

        var file = Path.Combine(server.Folder, "server.log");
        var missing = Expected.ToHashSet(StringComparer.Ordinal);
        await Eventually.BecomesTrueAsync(async () =>
        {
            missing.ExceptWith((await LinesAsync(file)).Select(static line => line.GetProperty("@mt").GetString()!));
            return missing.Count == 0;
        }, "every line is logged", TimeSpan.FromSeconds(90), explain: () => string.Join('\n', missing));
        Assert.All((await LinesAsync(file)).Select(EmptyFields), static found => Assert.Equal("", found));
    }

    private static async Task ImapAsync(ServerProcess server, string user)
    {
        // A client that leaves at once, one that signs in without a name or wrongly, and one that waits.
        await using (await WireClient.ConnectAsync(server.Ports.Imap)) { }
        await using var wire = await WireClient.ConnectAsync(server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        await wire.ImapAsync("LOGIN \"\" \"\"");
        await wire.ImapAsync("LOGIN nobody wrong");
        await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\"");
        await wire.ImapAsync("SELECT INBOX");
        await wire.SendAsync("i IDLE\r\n");
        await wire.ReadLineAsync();
        await using var other = await WireClient.ConnectAsync(server.Ports.Imaps, tls: true);
        await other.ReadLineAsync();
        await other.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\"");
        await other.ImapAsync("APPEND INBOX {4+}\r\nabcd");
        await other.ImapAsync("LOGOUT");
        await wire.ReadLineAsync();
    }

    /// <summary>A server that does not say its name, and a bounce: mail without a sender.</summary>
    private static async Task SmtpAsync(ServerProcess server, string user)
    {
        await using (await WireClient.ConnectAsync(server.Ports.Smtp)) { }
        await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        foreach (var command in new[] { "HELO x", "MAIL FROM:<>", $"RCPT TO:<{user}>", "DATA", "Subject: bounce\r\n\r\nx\r\n.", "QUIT" }) await wire.SmtpAsync(command);
    }

    /// <summary>Mail for another host that takes it without TLS, that refuses it, and that is not there.</summary>
    private static async Task SubmitAsync(ServerProcess server, string from, string to, SmtpReceiver relay)
    {
        using (var client = await server.SubmitAsync(from)) await client.SendAsync(MailKitClients.Letter(from, to, "local"));
        await SendAsync("taken@far.test");
        await Eventually.BecomesTrueAsync(() => !relay.Messages.IsEmpty, "the mail arrives");
        relay.Behavior = ReceiverBehavior.Refuses;
        var tried = relay.Connections;
        await SendAsync("refused@far.test");
        await Eventually.BecomesTrueAsync(() => relay.Connections > tried, "the mail is refused");
        await relay.DisposeAsync();
        await SendAsync("gone@far.test");

        async Task SendAsync(string recipient)
        {
            using var client = await server.SubmitAsync(from);
            await client.SendAsync(MailKitClients.Letter(from, recipient, recipient));
        }
    }

    private static async Task TlsAsync(ServerProcess server)
    {
        foreach (var port in new[] { server.Ports.Imaps, server.Ports.Submissions })
        {
            await using (await WireClient.ConnectAsync(port)) { }
            await using var wire = await WireClient.ConnectAsync(port);
            await wire.SendAsync("no handshake\r\n");
            await wire.ReadToEndAsync(TimeSpan.FromSeconds(10));
        }
    }

    /// <summary>A client of calendars without a name.</summary>
    private static async Task DavAsync(ServerProcess server)
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(":")));
        using var reply = await http.GetAsync(new Uri($"https://127.0.0.1:{server.Ports.Dav}/dav/"));
    }

    private static async Task<List<JsonElement>> LinesAsync(string file)
    {
        var text = await File.ReadAllTextAsync(file);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The fields of the message of a line that have no value, with the message; empty if there are none.</summary>
    private static string EmptyFields(JsonElement line)
    {
        var template = line.GetProperty("@mt").GetString()!;
        var empty = Field().Matches(template).Select(static m => m.Groups["name"].Value)
            .Where(name => !line.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null || value.ToString().Trim().Length == 0).ToList();
        return empty.Count == 0 ? "" : $"{template}: {string.Join(", ", empty)}";
    }

    [GeneratedRegex(@"\{(?<name>\w+)(:[^}]*)?\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Field();
}
