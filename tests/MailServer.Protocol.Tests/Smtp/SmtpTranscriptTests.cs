using System.Globalization;
using MailServer.Domain;
using MailServer.Protocol.Smtp;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.Smtp;

/// <summary>
/// Replays <c>tests/transcripts/smtp</c> on the pure session, whole and in pieces; the events are explained next to the transcripts.
/// </summary>
public sealed class SmtpTranscriptTests
{
    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (var name in TranscriptFile.NamesIn("smtp"))
            foreach (var piece in (int[])[int.MaxValue, 1, 2]) cases.Add(name, piece);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_session_follows_the_transcript(string name, int piece)
    {
        var options = SmtpTestBed.Receiving;
        SmtpTestBed? world = null;
        var heard = new Queue<string>();
        foreach (var step in TranscriptFile.Open("smtp", name).Steps)
        {
            if (step is TranscriptStep.Event setup && world is null)
            {
                options = Apply(options, setup.Words);
                continue;
            }

            world ??= new SmtpTestBed(options);
            Replay(world, step, heard, piece);
        }

        Listen(world!, heard);
        Assert.Empty(heard);
        world!.Dispose();
    }

    private static void Replay(SmtpTestBed world, TranscriptStep step, Queue<string> heard, int piece)
    {
        switch (step)
        {
            case TranscriptStep.Send send:
                world.Send(send.Octets, piece);
                break;
            case TranscriptStep.Expect expect:
                if (heard.Count == 0) Listen(world, heard);
                Assert.True(heard.TryDequeue(out var line), $"line {step.Line}: nothing was said instead of '{expect.Pattern}'");
                Assert.True(expect.Matches(line), $"line {step.Line}: '{line}' instead of '{expect.Pattern}'");
                break;
            case TranscriptStep.Closed:
                Assert.True(world.Session.IsEnded, $"line {step.Line}: not closed");
                break;
            case TranscriptStep.Event { Words: ["handshake"] }:
                Assert.NotNull(world.Session.Tls);
                break;
            case TranscriptStep.Event { Words: ["accepted", var count, var octets] }:
                Assert.Equal(count, world.Accepted.Count.ToString(CultureInfo.InvariantCulture));
                Assert.Equal(octets, world.Accepted[^1].Content.Length.ToString(CultureInfo.InvariantCulture));
                break;
            case TranscriptStep.Event { Words: ["accepted", "0"] }:
                Assert.Empty(world.Accepted);
                break;
            default:
                throw new FormatException($"line {step.Line}: unknown event");
        }
    }

    private static void Listen(SmtpTestBed world, Queue<string> heard)
    {
        foreach (var line in world.Heard().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)) heard.Enqueue(line);
    }

    private static SmtpSessionOptions Apply(SmtpSessionOptions options, IReadOnlyList<string> words) => words switch
    {
        ["receiving"] => options,
        ["submission"] => SmtpTestBed.Submission,
        ["submissions"] => SmtpTestBed.SecureSubmission,
        ["limit", var name, var value] => options with { Limits = Limit(options.Limits, name, int.Parse(value, CultureInfo.InvariantCulture)) },
        _ => throw new FormatException($"unknown setup {string.Join(' ', words)}"),
    };

    private static Limits Limit(Limits limits, string name, int value) => name switch
    {
        nameof(limits.MaxMessageSize) => limits with { MaxMessageSize = value },
        nameof(limits.SmtpRecipients) => limits with { SmtpRecipients = value },
        nameof(limits.MaxErrors) => limits with { MaxErrors = value },
        nameof(limits.MaxAuthenticationFailures) => limits with { MaxAuthenticationFailures = value },
        nameof(limits.SmtpTransactions) => limits with { SmtpTransactions = value },
        nameof(limits.SmtpCommandLine) => limits with { SmtpCommandLine = value },
        nameof(limits.SmtpTextLine) => limits with { SmtpTextLine = value },
        _ => throw new FormatException($"unknown limit {name}"),
    };
}
