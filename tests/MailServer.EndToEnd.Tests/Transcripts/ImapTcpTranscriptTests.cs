using MailServer.EndToEnd.Tests.Server;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.EndToEnd.Tests.Transcripts;

/// <summary>The IMAP transcripts over TCP, on the running server. Those that need to set limits, time or failures are replayed on the pure session only.</summary>
public sealed class ImapTcpTranscriptTests(TranscriptServers servers) : IClassFixture<TranscriptServers>
{
    /// <summary>Transcripts that rely on the test environment of the pure replay: a login that is always busy, a connection that does not compress.</summary>
    private static readonly string[] OfAnotherWorld = ["login", "compress"];

    public static TheoryData<string> Names { get; } = [.. Replayable()];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_running_server_follows_the_transcript(string name)
    {
        await using var replayer = new ImapTcpReplayer(servers, TranscriptFile.Open("imap", name));
        await replayer.RunAsync();
    }

    [Fact]
    public void Most_transcripts_can_be_replayed_over_TCP() =>
        Assert.True(Names.Count * 2 > TranscriptFile.NamesIn("imap").Count(), "fewer than half of tests/transcripts/imap");

    private static IEnumerable<string> Replayable() =>
        Directory.Exists(Path.Combine(ProjectPaths.Root, "tests", "transcripts", "imap"))
            ? TranscriptFile.NamesIn("imap").Where(n => !OfAnotherWorld.Contains(n, StringComparer.Ordinal) && ImapTcpReplayer.CanReplay(TranscriptFile.Open("imap", n)))
            : [];
}
