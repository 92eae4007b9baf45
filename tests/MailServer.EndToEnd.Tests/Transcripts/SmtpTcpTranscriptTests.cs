using MailServer.EndToEnd.Tests.Server;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.EndToEnd.Tests.Transcripts;

/// <summary>The SMTP transcripts over TCP, on the running server. Those that set limits are replayed on the pure session only.</summary>
public sealed class SmtpTcpTranscriptTests : IAsyncLifetime
{
    private ServerProcess? _server;

    public static TheoryData<string> Names { get; } =
        [.. TranscriptFile.NamesIn("smtp").Where(n => SmtpTcpReplayer.CanReplay(TranscriptFile.Open("smtp", n)))];

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartNewAsync(new ServerSettings { Domain = "example.org", Hostname = "mx.example.org", BindsSignIns = true });
        (await _server.CliAsync("user", "add", "user@example.org", "--password", TranscriptServers.Password, "--allow-weak-password")).Succeeded();
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_running_server_follows_the_transcript(string name)
    {
        await using var replayer = new SmtpTcpReplayer(_server!, TranscriptFile.Open("smtp", name));
        await replayer.RunAsync();
    }
}
