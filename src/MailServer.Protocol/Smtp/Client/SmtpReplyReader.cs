using System.Buffers;
using System.Text;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>The result of <see cref="SmtpReplyReader.Read"/>.</summary>
internal enum ReplyReadStatus
{
    Incomplete,
    Reply,
    Malformed,
}

/// <summary>Reads single-line and multi-line replies (RFC 5321 §4.2.1) of bounded length, and separates enhanced codes (RFC 2034) from the text.</summary>
internal sealed class SmtpReplyReader
{
    private const int MaxLine = 2_048;
    private const int MaxLines = 200;

    private static readonly SearchValues<byte> EnhancedCode = SearchValues.Create("0123456789."u8);

    private readonly StringBuilder _text = new();
    private int _lines;
    private int _code;
    private string _enhancedCode = string.Empty;

    public ReplyReadStatus Read(ref ReadOnlySequence<byte> input, out SmtpReply reply)
    {
        reply = new SmtpReply(0, "", "");
        while (input.PositionOf((byte)'\n') is { } end)
        {
            var line = input.Slice(0, end);
            if (line.Length > MaxLine || ++_lines > MaxLines) return ReplyReadStatus.Malformed;
            var parsed = Append(line.IsSingleSegment ? line.FirstSpan : line.ToArray(), out var last);
            input = input.Slice(input.GetPosition(1, end));
            if (!parsed) return ReplyReadStatus.Malformed;
            if (!last) continue;
            reply = new SmtpReply(_code, _enhancedCode, _text.ToString());
            _text.Clear();
            _lines = 0;
            return ReplyReadStatus.Reply;
        }

        return input.Length > MaxLine ? ReplyReadStatus.Malformed : ReplyReadStatus.Incomplete;
    }

    // Three digits, then "-" when more lines follow. A code without text is tolerated (RFC 5321 §4.2).
    private bool Append(ReadOnlySpan<byte> line, out bool last)
    {
        line = line.TrimEnd((byte)'\r');
        last = line.Length == 3 || (line.Length > 3 && line[3] == ' ');
        if (!last && (line.Length < 4 || line[3] != '-')) return false;
        if (line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])) return false;
        var code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0';
        var text = line[Math.Min(4, line.Length)..];
        var enhanced = EnhancedCodeLength(line[0], text);
        if (_lines == 1)
        {
            _code = code;
            _enhancedCode = Encoding.ASCII.GetString(text[..enhanced]);
        }
        else
        {
            if (code != _code) return false;
            _text.Append('\n');
        }

        _text.Append(Encoding.UTF8.GetString(text[enhanced..].TrimStart((byte)' ')));
        return true;
    }

    // class "." subject "." detail; the class must match the reply code (RFC 2034 §4).
    private static int EnhancedCodeLength(byte replyClass, ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)' ');
        var code = end < 0 ? text : text[..end];
        if (code.Length is < 5 or > 9 || code[0] != replyClass || code[1] != '.' || code.Count((byte)'.') != 2) return 0;
        if (code.ContainsAnyExcept(EnhancedCode) || code[^1] == '.' || code[2] == '.') return 0;
        return code.Length;
    }
}
