using System.Globalization;
using System.Text;
using MailServer.Domain;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.ManageSieve;

public sealed class ManageSieveTranscriptTests
{
    public static TheoryData<string> Names => [.. TranscriptFile.NamesIn("managesieve")];

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
        using var replayer = new ManageSieveReplayer(TranscriptFile.Open("managesieve", name), pieceSize);
        replayer.Run();
    }
}

/// <summary>Replays a transcript on a session, with the client's octets in pieces of a given size.</summary>
internal sealed class ManageSieveReplayer(TranscriptFile transcript, int pieceSize) : IDisposable
{
    private readonly Queue<string> _said = new();
    private ManageSieveDriver? _driver;
    private Limits _limits = Limits.Default;
    private bool _requireTls = true, _tls, _login;
    private string _output = "";

    private ManageSieveDriver Driver
    {
        get
        {
            if (_driver is not null) return _driver;
            _driver = new ManageSieveDriver(ManageSieveDriver.Options(_limits, _requireTls, _tls));
            if (_login) _driver.SignIn();
            else _driver.Session.Greet();
            return _driver;
        }
    }

    public void Run()
    {
        var sent = new List<byte>();
        foreach (var step in transcript.Steps)
        {
            if (step is not TranscriptStep.Send && sent.Count > 0)
            {
                foreach (var piece in sent.Chunk(pieceSize)) Driver.Send(piece);
                sent.Clear();
            }

            switch (step)
            {
                case TranscriptStep.Send send:
                    if (sent.Count == 0) ExpectNothing(step.Line);
                    sent.AddRange(send.Octets);
                    break;
                case TranscriptStep.Expect expect:
                    Expect(expect);
                    break;
                case TranscriptStep.Closed:
                    Assert.True(Driver.IsClosed, $"{transcript.Name}:{step.Line}: not closed");
                    break;
                case TranscriptStep.Event happens:
                    if (_driver is not null) ExpectNothing(step.Line);
                    Happen([.. happens.Words]);
                    break;
            }
        }

        Assert.Empty(sent);
        ExpectNothing(transcript.Steps[^1].Line);
    }

    public void Dispose() => _driver?.Dispose();

    private void Expect(TranscriptStep.Expect expect)
    {
        Hear();
        Assert.True(_said.TryDequeue(out var line), $"{transcript.Name}:{expect.Line}: nothing was said instead of\n{expect.Pattern}");
        Assert.True(expect.Matches(line), $"{transcript.Name}:{expect.Line}: expected\n{expect.Pattern}\nbut heard\n{line}\n{string.Join('\n', _said)}");
    }

    private void ExpectNothing(int line)
    {
        Hear();
        Assert.True(_said.Count == 0 && _output.Length == 0, $"{transcript.Name}:{line}: unexpected\n{string.Join('\n', _said)}{_output}");
    }

    private void Hear()
    {
        _output += Driver.TakeOutput();
        for (var end = _output.IndexOf("\r\n", StringComparison.Ordinal); end >= 0; end = _output.IndexOf("\r\n", StringComparison.Ordinal))
        {
            // Transcripts are written in UTF-8, and a script may end its lines with LF.
            _said.Enqueue(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(_output[..end])));
            _output = _output[(end + 2)..];
        }
    }

    private void Happen(string[] words)
    {
        switch (words)
        {
            case ["plain"]: _requireTls = false; break;
            case ["login"]: (_requireTls, _login) = (false, true); break;
            case ["tls", "implicit"]: _tls = true; break;
            case ["limit", var name, var value]: Limit(name, value); break;
            case ["handshake"]: Driver.Handshake(); break;
            case ["fail"]: Driver.FailsNext = true; break;
            case ["break", var name]: Driver.Scripts[name] = "no script"u8.ToArray(); break;
            default: throw new FormatException($"{transcript.Name}: unknown event {string.Join(' ', words)}");
        }
    }

    private void Limit(string name, string value)
    {
        _limits = _limits with { };
        var property = typeof(Limits).GetProperty(name) ?? throw new FormatException($"no limit {name}");
        property.SetValue(_limits, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
    }
}
