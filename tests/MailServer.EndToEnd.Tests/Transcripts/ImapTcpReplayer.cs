using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.EndToEnd.Tests.Transcripts;

/// <summary>
/// Replays a transcript on a running server. Events outside the session are performed by a second connection of the same account. Two things differ from
/// the replay on the pure session: UIDVALIDITY is any number, and each transcript has its own account in place of Alice.
/// </summary>
public sealed partial class ImapTcpReplayer(TranscriptServers servers, TranscriptFile transcript) : IAsyncDisposable
{
    /// <summary>UIDVALIDITY of INBOX in the pure replay.</summary>
    private const string PureValidity = "101";

    private static readonly string[] Possible = ["plain", "login", "handshake", "message", "flags", "expunge", "folder", "remove", "rename", "subscribe", "unsubscribe", "annotate", "quota", "tls implicit"];
    private readonly List<byte> _sending = [];
    private bool _open;
    private bool _tls;
    private bool _login;
    private string _user = TranscriptServers.Alice;
    private string _validity = PureValidity;
    private WireClient? _wire;
    private WireClient? _other;

    /// <summary>Events that are impossible from outside: setting limits, advancing the clock and causing failures.</summary>
    public static bool CanReplay(TranscriptFile transcript) =>
        transcript.Steps.OfType<TranscriptStep.Event>().All(e => Array.Exists(Possible, p => string.Join(' ', e.Words).StartsWith(p, StringComparison.Ordinal)));

    private WireClient Wire => _wire ?? throw new InvalidOperationException("not connected");

    private ServerProcess Server => _open ? servers.Open : servers.Strict;

    public async Task RunAsync()
    {
        Prepare();
        if (!SpeaksBase64())
        {
            _user = await servers.NewAliceAsync(Server);
        }

        foreach (var step in transcript.Steps)
        {
            if (step is not TranscriptStep.Send)
            {
                await FlushAsync();
            }

            switch (step)
            {
                case TranscriptStep.Send send:
                    await ConnectAsync();
                    _sending.AddRange(Encoding.Latin1.GetBytes(Renamed(Encoding.Latin1.GetString(send.Octets))));
                    break;
                case TranscriptStep.Expect expect:
                    await ConnectAsync();
                    await ExpectAsync(expect);
                    break;
                case TranscriptStep.Closed:
                    Assert.Null(await Wire.ReadLineAsync());
                    break;
                case TranscriptStep.Event happens:
                    await HappenAsync([.. happens.Words]);
                    break;
            }
        }

        await FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in new[] { _wire, _other }.OfType<WireClient>())
        {
            await client.DisposeAsync();
        }
    }

    private void Prepare()
    {
        foreach (var words in transcript.Steps.OfType<TranscriptStep.Event>().Select(e => string.Join(' ', e.Words)))
        {
            _open |= words is "plain" or "login";
            _login |= words == "login";
            _tls |= words == "tls implicit";
        }
    }

    /// <summary>Base64 text contains Alice's name where no replacement finds it.</summary>
    private bool SpeaksBase64() =>
        transcript.Steps.OfType<TranscriptStep.Send>().Any(s => Encoding.Latin1.GetString(s.Octets).Contains("AUTHENTICATE", StringComparison.OrdinalIgnoreCase));

    /// <summary>Puts the names and numbers of the running server in place of those of the pure replay.</summary>
    private string Renamed(string text) => text.Replace(TranscriptServers.Alice, _user, StringComparison.Ordinal).Replace(InUrl(TranscriptServers.Alice), InUrl(_user), StringComparison.Ordinal).Replace($"QRESYNC ({PureValidity} ", $"QRESYNC ({_validity} ", StringComparison.Ordinal);

    private static string InUrl(string login) => login.Replace("@", "%40", StringComparison.Ordinal);

    private async Task ConnectAsync()
    {
        if (_wire is not null)
        {
            return;
        }

        // The mailbox of the pure replay starts without subscriptions, a real one with its default folders.
        if (transcript.Name == "subscribe")
            foreach (var folder in new[] { "INBOX", "Sent", "Drafts", "Trash", "Junk", "Archive" }) await ActAsync($"UNSUBSCRIBE {folder}");

        _wire = await WireClient.ConnectAsync(_tls ? Server.Ports.Imaps : Server.Ports.Imap, _tls);
        if (_login)
        {
            await _wire.ReadLineAsync();
            Assert.Contains(" OK ", (await _wire.ImapAsync($"LOGIN {_user} {TranscriptServers.Password}"))[^1], StringComparison.Ordinal);
        }
    }

    private async Task FlushAsync()
    {
        if (_sending.Count > 0)
        {
            await Wire.SendAsync(_sending.ToArray());
            _sending.Clear();
        }
    }

    private async Task ExpectAsync(TranscriptStep.Expect expect)
    {
        var line = await Wire.ReadLineAsync();
        if (line is not null && Selected().Match(line) is { Success: true } selected) _validity = selected.Groups["number"].Value;
        var wanted = expect with { Pattern = UidValidity().Replace(Renamed(expect.Pattern), "${code} <number>") };
        Assert.True(
            line is not null && wanted.Matches(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line))),
            $"{transcript.Name}:{expect.Line}: expected\n{wanted.Pattern}\nbut heard\n{line ?? "the connection closed"}");
    }

    private async Task HappenAsync(string[] words)
    {
        switch (words)
        {
            case ["plain"] or ["login"] or ["tls", ..]:
                return;
            case ["handshake"]:
                await Wire.StartTlsAsync();
                return;
            case ["message", var folder, .. var rest]:
                var message = Message(rest.FirstOrDefault(w => w.StartsWith('@')));
                await ActAsync($"APPEND \"{folder}\" ({string.Join(' ', rest.Where(w => !w.StartsWith('@')))}) \"03-Feb-2026 04:05:06 +0100\" {{{message.Length.ToString(CultureInfo.InvariantCulture)}+}}\r\n{message}");
                break;
            case ["flags", var folder, var uid, .. var flags]:
                await ActAsync($"SELECT \"{folder}\"", $"UID STORE {uid} FLAGS ({string.Join(' ', flags)})", "UNSELECT");
                break;
            case ["expunge", var folder, .. var uids]:
                var set = string.Join(',', uids);
                // By a move: the replayed session is notified of the expunge and of no flag change before it.
                await ActAsync($"SELECT \"{folder}\"", $"UID MOVE {set} Archive", "UNSELECT");
                break;
            case ["quota", var size]:
                (await Server.CliAsync("user", "quota", _user, size)).Succeeded();
                break;
            case ["folder", var name]:
                await ActAsync($"CREATE \"{Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name))}\"");
                break;
            case ["remove", var name]:
                await ActAsync($"DELETE \"{name}\"");
                break;
            case ["rename", var from, var to]:
                await ActAsync($"RENAME \"{from}\" \"{to}\"");
                break;
            case ["annotate", var folder, var name, var value]:
                await ActAsync($"SETMETADATA {folder} ({name} \"{value}\")");
                break;
            case ["subscribe" or "unsubscribe", var name]:
                await ActAsync($"{words[0].ToUpperInvariant()} \"{name}\"");
                break;
            default:
                throw new FormatException($"{transcript.Name}: unknown event {string.Join(' ', words)}");
        }

        // The mailbox notifies its other sessions in the same turn; this lets the notification arrive before the client continues.
        await Task.Delay(50);
    }

    private async Task ActAsync(params string[] commands)
    {
        if (_other is null)
        {
            _other = await WireClient.ConnectAsync(Server.Ports.Imaps, tls: true);
            await _other.ReadLineAsync();
            await _other.ImapAsync($"LOGIN {_user} {TranscriptServers.Password}");
        }

        foreach (var command in commands)
        {
            Assert.Contains(" OK ", (await _other.ImapAsync(command))[^1], StringComparison.Ordinal);
        }
    }

    /// <summary>A message next to the transcripts, or the short one of the pure replay.</summary>
    private static string Message(string? name) =>
        name is null
            ? "From: Bob <bob@example.net>\r\nTo: alice@example.org\r\nSubject: Hello\r\nDate: Mon, 2 Feb 2026 03:04:05 +0000\r\nMessage-ID: <1@example.net>\r\n\r\nHello Alice\r\n"
            : File.ReadAllText(Path.Combine(ProjectPaths.Root, "tests", "transcripts", "imap", "messages", name[1..] + ".eml"), Encoding.Latin1).ReplaceLineEndings("\r\n");

    [GeneratedRegex(@"\b(?<code>UIDVALIDITY|COPYUID|APPENDUID) [0-9]+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex UidValidity();

    [GeneratedRegex(@"^\* OK \[UIDVALIDITY (?<number>[0-9]+)\]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Selected();
}
