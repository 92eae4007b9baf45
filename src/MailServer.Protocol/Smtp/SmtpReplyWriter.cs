using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp;

/// <summary>Formats replies (RFC 5321 §4.2.1): one line per line of text. Line ends and other control characters in the text cannot start another reply.</summary>
internal static class SmtpReplyWriter
{
    // RFC 5321 §4.5.3.1.5: 512 octets including code and CRLF.
    private const int MaxText = 480;

    public static void Write(IBufferWriter<byte> output, SmtpReply reply)
    {
        var text = reply.Text.AsSpan();
        do
        {
            var end = text.IndexOf('\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            WriteLine(output, reply, line.TrimEnd('\r'), last: text.IsEmpty);
        }
        while (!text.IsEmpty);
    }

    private static void WriteLine(IBufferWriter<byte> output, SmtpReply reply, ReadOnlySpan<char> text, bool last)
    {
        text = text[..Math.Min(text.Length, MaxText)];
        var span = output.GetSpan(text.Length + reply.EnhancedCode.Length + 16);
        reply.Code.TryFormat(span, out var at, provider: CultureInfo.InvariantCulture);
        span[at++] = last ? (byte)' ' : (byte)'-';
        if (reply.EnhancedCode.Length > 0)
        {
            at += Encoding.ASCII.GetBytes(reply.EnhancedCode, span[at..]);
            span[at++] = (byte)' ';
        }

        foreach (var c in text) span[at++] = c is >= ' ' and <= '~' ? (byte)c : (byte)'?';
        span[at++] = (byte)'\r';
        span[at++] = (byte)'\n';
        output.Advance(at);
    }
}
