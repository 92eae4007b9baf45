using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.EndToEnd.Tests.Transcripts;

/// <summary>The ManageSieve transcripts over TCP, on the running server. Those that need to set limits or failures are replayed on the pure session only.</summary>
public sealed class ManageSieveTcpTranscriptTests(TranscriptServers servers) : IClassFixture<TranscriptServers>
{
    private static readonly string[] Possible = ["plain", "login", "handshake", "tls implicit"];

    public static TheoryData<string> Names { get; } = [.. Replayable()];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_running_server_follows_the_transcript(string name)
    {
        var transcript = TranscriptFile.Open("managesieve", name);
        var events = transcript.Steps.OfType<TranscriptStep.Event>().Select(static e => string.Join(' ', e.Words)).ToHashSet(StringComparer.Ordinal);
        var server = events.Overlaps(["plain", "login"]) ? servers.Open : servers.Strict;
        // A transcript signs in as Alice by itself, or gets an account without scripts.
        var user = events.Contains("login") && name != "unauthenticate" ? await servers.NewAliceAsync(server) : TranscriptServers.Alice;
        var tls = events.Contains("tls implicit");
        await using var wire = await WireClient.ConnectAsync(tls ? server.Ports.ManageSieves : server.Ports.ManageSieve, tls);
        if (events.Contains("login")) await SignInAsync(wire, user);
        await ReplayAsync(transcript, wire);
    }

    [Fact]
    public void Most_transcripts_can_be_replayed_over_TCP() =>
        Assert.True(Names.Count * 3 > TranscriptFile.NamesIn("managesieve").Count() * 2, "fewer than two thirds of tests/transcripts/managesieve");

    private static async Task ReplayAsync(TranscriptFile transcript, WireClient wire)
    {
        var sending = new List<byte>();
        foreach (var step in transcript.Steps)
        {
            if (step is TranscriptStep.Send send)
            {
                sending.AddRange(send.Octets);
                continue;
            }

            if (sending.Count > 0) await wire.SendAsync(sending.ToArray());
            sending.Clear();
            switch (step)
            {
                case TranscriptStep.Expect expect:
                    var line = await wire.ReadLineAsync();
                    var heard = line is null ? "the connection closed" : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line));
                    Assert.True(expect.Matches(heard), $"{transcript.Name}:{expect.Line}: expected\n{expect.Pattern}\nbut heard\n{heard}");
                    break;
                case TranscriptStep.Closed:
                    Assert.Null(await wire.ReadLineAsync());
                    break;
                case TranscriptStep.Event { Words: ["handshake"] }:
                    await wire.StartTlsAsync();
                    break;
            }
        }
    }

    private static async Task SignInAsync(WireClient wire, string user)
    {
        while (!(await wire.ReadLineAsync())!.StartsWith("OK", StringComparison.Ordinal)) continue;
        await wire.SendAsync($"AUTHENTICATE \"PLAIN\" \"{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{TranscriptServers.Password}"))}\"\r\n");
        Assert.Equal("OK \"Signed in\"", await wire.ReadLineAsync());
    }

    private static IEnumerable<string> Replayable() =>
        Directory.Exists(Path.Combine(ProjectPaths.Root, "tests", "transcripts", "managesieve"))
            ? TranscriptFile.NamesIn("managesieve").Where(static n => TranscriptFile.Open("managesieve", n).Steps.OfType<TranscriptStep.Event>().All(e => Possible.Contains(string.Join(' ', e.Words), StringComparer.Ordinal)))
            : [];
}
