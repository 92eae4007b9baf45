using System.Globalization;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.EndToEnd.Tests.Transcripts;

/// <summary>
/// Replays an SMTP transcript on a running server. Replies of the router, not of the session, are compared by code only: their text differs
/// from those of the pure replay.
/// </summary>
public sealed class SmtpTcpReplayer(ServerProcess server, TranscriptFile transcript) : IAsyncDisposable
{
    private static readonly string[] Possible = ["receiving", "submission", "submissions", "handshake", "accepted"];
    private static readonly string[] FromTheRouter = ["250 2.1.0", "250 2.1.5", "250 2.0.0 Accepted", "550 5.7.1", "550 5.1.1", "553 5.7.1"];
    private readonly int _before = Count(server);
    private WireClient? _wire;

    public static bool CanReplay(TranscriptFile transcript) =>
        transcript.Steps.OfType<TranscriptStep.Event>().All(e => Possible.Contains(e.Words[0], StringComparer.Ordinal));

    public async Task RunAsync()
    {
        foreach (var step in transcript.Steps)
        {
            switch (step)
            {
                case TranscriptStep.Send send:
                    await _wire!.SendAsync(send.Octets);
                    break;
                case TranscriptStep.Expect expect:
                    _wire ??= await WireClient.ConnectAsync(Port(), IsSecure());
                    await ExpectAsync(expect);
                    break;
                case TranscriptStep.Closed:
                    Assert.Null(await _wire!.ReadLineAsync());
                    break;
                case TranscriptStep.Event { Words: ["handshake"] }:
                    await _wire!.StartTlsAsync();
                    break;
                case TranscriptStep.Event { Words: ["accepted", var count, ..] }:
                    Assert.Equal(int.Parse(count, CultureInfo.InvariantCulture), Count(server) - _before);
                    break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_wire is not null) await _wire.DisposeAsync();
    }

    private static int Count(ServerProcess server) =>
        Directory.Exists(server.MaildirPath) ? Directory.EnumerateFiles(server.MaildirPath, "*,S=*", SearchOption.AllDirectories).Count() : 0;

    private bool IsSecure() => Says("submissions");

    private int Port() => IsSecure() ? server.Ports.Submissions : Says("submission") ? server.Ports.Submission : server.Ports.Smtp;

    private bool Says(string word) => transcript.Steps.OfType<TranscriptStep.Event>().Any(e => e.Words[0] == word);

    private async Task ExpectAsync(TranscriptStep.Expect expect)
    {
        var line = await _wire!.ReadLineAsync();
        var code = Array.Find(FromTheRouter, f => expect.Pattern.StartsWith(f, StringComparison.Ordinal));
        var wanted = code is null ? expect : expect with { Pattern = string.Join(' ', code.Split(' ').Take(2)).Replace("553", "550", StringComparison.Ordinal) + " <any>" };
        Assert.True(
            line is not null && wanted.Matches(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line))),
            $"{transcript.Name}:{expect.Line}: expected\n{wanted.Pattern}\nbut heard\n{line ?? "the connection closed"}");
    }
}
