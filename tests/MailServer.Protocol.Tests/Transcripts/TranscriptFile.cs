using System.Globalization;
using System.Text;

namespace MailServer.Protocol.Tests.Transcripts;

/// <summary>A recorded conversation from <c>tests/transcripts</c> (see its README.md for the format).</summary>
public sealed class TranscriptFile
{
    private TranscriptFile(string name, IReadOnlyList<TranscriptStep> steps)
    {
        Name = name;
        Steps = steps;
    }

    /// <summary>The file name without folder and extension.</summary>
    public string Name { get; }

    public IReadOnlyList<TranscriptStep> Steps { get; }

    /// <summary>The names of all transcripts of one protocol: the folder under <c>tests/transcripts</c>.</summary>
    public static IEnumerable<string> NamesIn(string protocol) =>
        Directory.EnumerateFiles(FolderOf(protocol), "*.transcript").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!;

    public static TranscriptFile Open(string protocol, string name) =>
        Parse(name, File.ReadAllText(PathOf(protocol, name)));

    public static string PathOf(string protocol, string name) => Path.Combine(FolderOf(protocol), name + ".transcript");

    /// <summary>A message next to the transcripts (<c>messages/NAME.eml</c>), with CRLF line endings.</summary>
    public static byte[] ReadMessage(string protocol, string name) => Encoding.Latin1.GetBytes(
        File.ReadAllText(Path.Combine(FolderOf(protocol), "messages", name + ".eml"), Encoding.Latin1).ReplaceLineEndings("\r\n"));

    public static TranscriptFile Parse(string name, string text)
    {
        var steps = new List<TranscriptStep>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#') continue;
            steps.Add(ParseLine(line, number));
        }

        return new TranscriptFile(name, steps);
    }

    private static TranscriptStep ParseLine(string line, int number)
    {
        var rest = line.Length > 2 ? line[3..] : "";
        return line[..Math.Min(2, line.Length)] switch
        {
            "C:" => new TranscriptStep.Send(number, [.. Octets(rest), (byte)'\r', (byte)'\n']),
            "C|" => new TranscriptStep.Send(number, Octets(rest)),
            "S:" when rest == "<closed>" => new TranscriptStep.Closed(number),
            "S:" => new TranscriptStep.Expect(number, rest),
            "! " => new TranscriptStep.Event(number, line[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            _ => throw new FormatException($"line {number}: '{line}' begins with none of C: C| S: ! #"),
        };
    }

    /// <summary>The text in UTF-8, with <c>&lt;hex:0d0a&gt;</c>, <c>&lt;crlf&gt;</c> and <c>&lt;repeat:COUNT:TEXT&gt;</c> expanded.</summary>
    private static byte[] Octets(string text)
    {
        var octets = new List<byte>();
        for (var at = 0; at < text.Length;)
        {
            var close = text.IndexOf('>', at);
            var inner = text[at] == '<' && close > at ? text[(at + 1)..close] : "";
            byte[]? special = inner.StartsWith("hex:", StringComparison.Ordinal) ? Convert.FromHexString(inner[4..])
                : inner == "crlf" ? "\r\n"u8.ToArray()
                : inner.StartsWith("repeat:", StringComparison.Ordinal) ? Repeat(inner.Split(':', 3))
                : null;
            if (special is not null)
            {
                octets.AddRange(special);
                at = close + 1;
                continue;
            }

            var rune = Rune.GetRuneAt(text, at);
            octets.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
            at += rune.Utf16SequenceLength;
        }

        return [.. octets];
    }

    private static byte[] Repeat(string[] parts) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(parts[2], int.Parse(parts[1], CultureInfo.InvariantCulture))));

    private static string FolderOf(string protocol)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "tests", "transcripts", protocol);
            if (Directory.Exists(folder)) return folder;
        }

        throw new DirectoryNotFoundException($"no tests/transcripts/{protocol} above {AppContext.BaseDirectory}");
    }
}
