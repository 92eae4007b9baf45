using System.Globalization;
using System.Text;

namespace MailServer.Protocol.Observation;

/// <summary>
/// Converts a server's output to lines that are safe to display. Literals and the strings of FETCH responses (subjects, addresses, headers) are
/// replaced by placeholders, and challenges are removed. Output must be passed from the start of a response.
/// </summary>
/// <param name="format">The protocol.</param>
/// <param name="writeLine">Receives each line.</param>
public sealed class OutputRedactor(OutputFormat format, Action<string> writeLine)
{
    private const int MaxAnnouncementLength = 24;
    private readonly StringBuilder _line = new();
    private readonly byte[] _tail = new byte[MaxAnnouncementLength];
    private int _tailLength;
    private long _literal;
    private bool _inString;
    private bool _escaped;
    private bool? _hidesStrings;

    /// <summary>Processes the next octets of output.</summary>
    public void Write(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_literal > 0)
            {
                var skipped = (int)Math.Min(_literal, octets.Length);
                _literal -= skipped;
                octets = octets[skipped..];
                continue;
            }

            var lineFeed = octets.IndexOf((byte)'\n');
            Append(lineFeed < 0 ? octets : octets[..lineFeed]);
            if (lineFeed < 0) return;
            octets = octets[(lineFeed + 1)..];
            EndLine();
        }
    }

    /// <summary>Skips octets of the last announced literal that the driver sends directly.</summary>
    public void Skip(long octets) => _literal = Math.Max(0, _literal - octets);

    private void Append(ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            if (octet == '\r') continue;
            Remember(octet);
            if (_inString)
            {
                if (_escaped) _escaped = false;
                else if (octet == '\\') _escaped = true;
                else if (octet == '"') _inString = false;
                if (_inString) continue;
            }
            else if (octet == '"' && HidesStrings)
            {
                _inString = true;
                RedactedText.Append(_line, "\"***"u8);
                continue;
            }

            RedactedText.Append(_line, [octet]);
        }
    }

    // Decided at the first string of a response: '* 12 FETCH (ENVELOPE ("…'.
    private bool HidesStrings => _hidesStrings ??= format == OutputFormat.Imap && IsFetch(_line.ToString());

    private static bool IsFetch(string line) =>
        line.Split(' ', 4) is ["*", var number, "FETCH", ..] && number.All(char.IsAsciiDigit);

    private void Remember(byte octet)
    {
        if (_tailLength == _tail.Length)
        {
            _tail.AsSpan(1).CopyTo(_tail);
            _tailLength--;
        }

        _tail[_tailLength++] = octet;
    }

    private void EndLine()
    {
        _literal = format != OutputFormat.Smtp && !_inString ? AnnouncedLiteral(_tail.AsSpan(0, _tailLength)) : 0;
        _tailLength = 0;
        if (_literal > 0)
        {
            RedactedText.Append(_line, "***"u8);
            return;
        }

        var line = _line.ToString();
        _line.Clear();
        _inString = _escaped = false;
        _hidesStrings = null;
        writeLine(WithoutChallenge(line));
    }

    private string WithoutChallenge(string line)
    {
        if (format == OutputFormat.ManageSieve) return WithoutResponses(line);
        // Base64 contains no space; human-readable text does.
        if (format == OutputFormat.Imap) return line.StartsWith("+ ", StringComparison.Ordinal) && line != "+ idling" && !line[2..].Contains(' ', StringComparison.Ordinal) ? "+ " + RedactedText.Secret : line;
        return line.StartsWith("334 ", StringComparison.Ordinal) ? "334 " + RedactedText.Secret : line;
    }

    // A challenge is a string alone on its line, as the name of a script is; both are hidden.
    private static string WithoutResponses(string line)
    {
        if (line is ['"', .., '"'] && line.Count('"') == 2) return $"\"{RedactedText.Secret}\"";
        return line.StartsWith("OK (SASL ", StringComparison.Ordinal) ? $"OK (SASL \"{RedactedText.Secret}\")" : line;
    }

    private static long AnnouncedLiteral(ReadOnlySpan<byte> end)
    {
        if (end is not [.., (byte)'}'] || end.LastIndexOf((byte)'{') is not (>= 0 and var brace)) return 0;
        return long.TryParse(end[(brace + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;
    }
}
