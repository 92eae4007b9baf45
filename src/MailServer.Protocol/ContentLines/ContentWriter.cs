using System.Buffers;
using System.Text;

namespace MailServer.Protocol.ContentLines;

/// <summary>Writes content lines folded at 75 octets between characters (RFC 5545 §3.1), and copies stored lines unchanged.</summary>
public sealed class ContentWriter(IBufferWriter<byte> output)
{
    private const int LineLength = 75;

    public void Begin(string component) => WriteLine("BEGIN:" + component);

    public void End(string component) => WriteLine("END:" + component);

    /// <summary>Copies whole stored lines. Each line ends with CRLF afterwards, because written and stored lines are mixed.</summary>
    public void WriteStored(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var feed = NextBareFeed(lines);
            output.Write(feed < 0 ? lines : lines[..feed]);
            if (feed >= 0 || !lines.EndsWith("\n"u8))
                output.Write("\r\n"u8);
            lines = feed < 0 ? [] : lines[(feed + 1)..];
        }
    }

    private static int NextBareFeed(ReadOnlySpan<byte> lines)
    {
        for (var at = 0; ; at++)
        {
            var found = lines[at..].IndexOf((byte)'\n');
            if (found < 0)
                return -1;
            at += found;
            if (at == 0 || lines[at - 1] != (byte)'\r')
                return at;
        }
    }

    public void WriteLine(string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\\n"));
        for (var room = LineLength; rest.Length > room; room = LineLength - 1)
        {
            var length = room;
            while (length > 1 && (rest[length] & 0xC0) == 0x80)
                length--;
            output.Write(rest[..length]);
            output.Write("\r\n "u8);
            rest = rest[length..];
        }

        output.Write(rest);
        output.Write("\r\n"u8);
    }

    /// <summary>Writes a property with another value and, optionally, with only some of its parameters.</summary>
    public void WriteLine(ContentLine line, string value, Func<ContentParameter, bool>? keep = null)
    {
        var text = new StringBuilder();
        if (line.Group is not null)
            text.Append(line.Group).Append('.');
        text.Append(line.Name);
        foreach (var parameter in line.Parameters.Where(p => keep is null || keep(p)))
            Append(text, parameter);
        WriteLine(text.Append(':').Append(value).ToString());
    }

    internal static void Append(StringBuilder text, ContentParameter parameter)
    {
        text.Append(';').Append(parameter.Name);
        for (var i = 0; i < parameter.Values.Count; i++)
            text.Append(i == 0 ? '=' : ',').Append(Encode(parameter.Values[i]));
    }

    /// <summary>Encodes a parameter value (RFC 6868 §3.1) and quotes it if the grammar requires it.</summary>
    private static string Encode(string value)
    {
        var encoded = value.Replace("^", "^^", StringComparison.Ordinal).Replace("\n", "^n", StringComparison.Ordinal).Replace("\"", "^'", StringComparison.Ordinal);
        return encoded.AsSpan().ContainsAny(",;:") ? $"\"{encoded}\"" : encoded;
    }
}
