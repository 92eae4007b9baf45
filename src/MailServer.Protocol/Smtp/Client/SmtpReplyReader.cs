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

/// <summary>
/// Reads single-line and multi-line replies (RFC 5321 §4.2.1) and separates enhanced codes (RFC 2034) from the text. If the codes of the lines differ,
/// the last line decides. Text beyond the bounds is dropped, and so are lines without a code inside a reply; only an endless reply is malformed.
/// </summary>
internal sealed class SmtpReplyReader
{
    private const int MaxLine = 2_048;
    private const int MaxText = 64 * 1024;
    private const int MaxReply = 1024 * 1024;

    private static readonly SearchValues<byte> EnhancedCode = SearchValues.Create("0123456789."u8);

    private readonly byte[] _line = new byte[MaxLine];
    private readonly StringBuilder _text = new();
    private int _length;
    private long _octets;
    private int _lines;
    private string _enhancedCode = string.Empty;

    /// <summary>True between replies.</summary>
    public bool IsIdle => _octets == 0;

    /// <param name="input">The received octets; those that were read are removed.</param>
    /// <param name="skipText">Skip lines without a code before the reply, instead of treating them as malformed.</param>
    /// <param name="reply">The reply, if it is complete.</param>
    public ReplyReadStatus Read(ref ReadOnlySequence<byte> input, bool skipText, out SmtpReply reply)
    {
        reply = new SmtpReply(0, "", "");
        while (!input.IsEmpty)
        {
            var end = input.PositionOf((byte)'\n');
            Keep(end is { } at ? input.Slice(0, at) : input);
            input = end is { } newline ? input.Slice(input.GetPosition(1, newline)) : input.Slice(input.End);
            if (_octets > MaxReply) return ReplyReadStatus.Malformed;
            if (end is null) break;
            var line = _line.AsSpan(0, _length).TrimEnd((byte)'\r');
            _length = 0;
            if (Append(line, out var code)) continue;
            if (code == 0 && (skipText || _lines > 0)) continue;
            if (code == 0) return ReplyReadStatus.Malformed;
            reply = Complete(code);
            return ReplyReadStatus.Reply;
        }

        return ReplyReadStatus.Incomplete;
    }

    private void Keep(ReadOnlySequence<byte> piece)
    {
        // The newline is counted too, so that empty lines have a bound.
        _octets += piece.Length + 1;
        var kept = piece.Slice(0, Math.Min(piece.Length, MaxLine - _length));
        kept.CopyTo(_line.AsSpan(_length));
        _length += (int)kept.Length;
    }

    /// <summary>True when more lines follow. Otherwise the code is that of the last line, or 0 for a line without a code.</summary>
    private bool Append(ReadOnlySpan<byte> line, out int code)
    {
        // Three digits, then "-" when more lines follow. A code without text is tolerated (RFC 5321 §4.2), and so is a missing space.
        code = CodeOf(line);
        if (code == 0) return false;
        var text = line[Math.Min(line.Length > 3 && line[3] is (byte)' ' or (byte)'-' ? 4 : 3, line.Length)..];
        var enhanced = EnhancedCodeLength(line[0], text);
        if (enhanced > 0 && (_enhancedCode.Length == 0 || _enhancedCode[0] != line[0])) _enhancedCode = Encoding.ASCII.GetString(text[..enhanced]);
        if (_lines++ > 0 && _text.Length < MaxText) _text.Append('\n');
        if (_text.Length < MaxText) _text.Append(Encoding.UTF8.GetString(text[enhanced..].TrimStart((byte)' ')));
        return line.Length > 3 && line[3] == '-';
    }

    private SmtpReply Complete(int code)
    {
        var enhanced = _enhancedCode.Length > 0 && _enhancedCode[0] - '0' == code / 100 ? _enhancedCode : "";
        var reply = new SmtpReply(code, enhanced, _text.ToString());
        _text.Clear();
        (_lines, _octets, _enhancedCode) = (0, 0, "");
        return reply;
    }

    private static int CodeOf(ReadOnlySpan<byte> line)
    {
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])) return 0;
        return line.Length > 3 && char.IsAsciiDigit((char)line[3]) ? 0 : ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0';
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
