using System.Buffers;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>Encodes a message with CRLF line ends as the text of DATA (RFC 5321 §4.5.2), in pieces of any size. Use one object per message.</summary>
public sealed class DotStuffer
{
    private bool _lineStart = true;
    private bool _afterReturn;

    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (content.IsEmpty) return;
        if (_lineStart && content[0] == '.') output.Write("."u8);
        if (_afterReturn && content.StartsWith("\n."u8))
        {
            output.Write("\n."u8);
            content = content[1..];
            _afterReturn = false;
        }

        while (content.IndexOf("\r\n."u8) is >= 0 and var at)
        {
            output.Write(content[..(at + 2)]);
            output.Write("."u8);
            content = content[(at + 2)..];
            _afterReturn = false;
        }

        output.Write(content);
        _lineStart = content[^1] == '\n' && (content.Length > 1 ? content[^2] == '\r' : _afterReturn);
        _afterReturn = content[^1] == '\r';
    }

    /// <summary>Writes the terminator; adds a missing CRLF to the last line.</summary>
    public void End(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(_lineStart ? ".\r\n"u8 : "\r\n.\r\n"u8);
    }
}
