namespace MailServer.Protocol.Tests.Transcripts;

/// <summary>One line of a transcript.</summary>
public abstract record TranscriptStep(int Line)
{
    /// <summary>Text sent by the client, with its CRLF if any.</summary>
    public sealed record Send(int Line, byte[] Octets) : TranscriptStep(Line);

    /// <summary>One line of the server, without CRLF; may contain <c>&lt;any&gt;</c> and <c>&lt;number&gt;</c>.</summary>
    public sealed record Expect(int Line, string Pattern) : TranscriptStep(Line)
    {
        public bool Matches(string line) => Matches(Pattern, line);

        private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> line)
        {
            while (!pattern.IsEmpty)
            {
                if (pattern.StartsWith("<any>"))
                {
                    for (var skip = 0; skip <= line.Length; skip++)
                        if (Matches(pattern[5..], line[skip..])) return true;
                    return false;
                }

                if (pattern.StartsWith("<number>"))
                {
                    var digits = line.IndexOfAnyExceptInRange('0', '9');
                    if (digits < 0) digits = line.Length;
                    if (digits == 0) return false;
                    pattern = pattern[8..];
                    line = line[digits..];
                    continue;
                }

                if (line.IsEmpty || pattern[0] != line[0]) return false;
                pattern = pattern[1..];
                line = line[1..];
            }

            return line.IsEmpty;
        }
    }

    /// <summary>The server has closed the connection.</summary>
    public sealed record Closed(int Line) : TranscriptStep(Line);

    /// <summary>An event outside this connection: initial state, another session, a delivery. The replayer interprets the words.</summary>
    public sealed record Event(int Line, IReadOnlyList<string> Words) : TranscriptStep(Line);
}
