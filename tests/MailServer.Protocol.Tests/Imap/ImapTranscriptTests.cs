using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.Imap;

public class ImapTranscriptTests
{
    public static TheoryData<string> Names => [.. TranscriptFile.NamesIn("imap")];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_session_follows_the_transcript(string name) => Replay(name, int.MaxValue);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_session_follows_the_transcript_sent_in_single_octets(string name) => Replay(name, 1);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_session_follows_the_transcript_sent_in_pairs_of_octets(string name) => Replay(name, 2);

    private static void Replay(string name, int pieceSize)
    {
        using var replayer = new ImapReplayer(TranscriptFile.Open("imap", name), pieceSize);
        replayer.Run();
    }
}
