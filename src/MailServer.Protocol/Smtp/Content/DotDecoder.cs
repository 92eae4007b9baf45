using System.Buffers;
using MailServer.Domain;

namespace MailServer.Protocol.Smtp.Content;

/// <summary>
/// Decodes the text of DATA up to CRLF "." CRLF, which is its only terminator, and removes dot-stuffing (RFC 5321 §4.5.2). The result does not depend
/// on how the input is split.
/// </summary>
internal sealed class DotDecoder(Limits limits)
{
    private static readonly SearchValues<byte> LineBreakers = SearchValues.Create("\r\n\0"u8);

    private State _state = State.LineStart;
    private long _size;
    private int _line;

    private enum State
    {
        LineStart,
        Dot,
        DotReturn,
        Text,
        Return,
        Ended,
    }

    public MessageDataError Error { get; private set; }

    /// <summary>Returns true at the end of the text; <paramref name="input"/> then starts after it. After a fault nothing more is written.</summary>
    public bool Decode(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        while (_state != State.Ended && !input.IsEmpty)
        {
            var span = input.FirstSpan;
            var used = Decode(span, output);
            input = input.Slice(used);
        }

        return _state == State.Ended;
    }

    private int Decode(ReadOnlySpan<byte> span, IBufferWriter<byte> output)
    {
        int at = 0, copied = 0; // [copied, at) is content not yet written
        while (at < span.Length)
        {
            switch (_state)
            {
                case State.LineStart when span[at] == '.':
                    Write(span[copied..at], output);
                    copied = ++at;
                    _state = State.Dot;
                    break;
                case State.Dot when span[at] == '\r':
                    copied = ++at;
                    _state = State.DotReturn;
                    break;
                case State.DotReturn when span[at] == '\n':
                    _state = State.Ended;
                    return at + 1;
                case State.DotReturn:
                    Fail(MessageDataError.BareLineEnding);
                    _state = State.Text;
                    break;
                case State.Return:
                    at = EndLine(span, at);
                    break;
                default:
                    at = ReadText(span, at);
                    break;
            }
        }

        Write(span[copied..], output);
        return at;
    }

    // Skips whole lines as long as none begins with a dot.
    private int ReadText(ReadOnlySpan<byte> span, int at)
    {
        _state = State.Text;
        while (true)
        {
            var length = span[at..].IndexOfAny(LineBreakers);
            var end = length < 0 ? span.Length : at + length;
            _line += end - at;
            if (_line > limits.SmtpTextLine) Fail(MessageDataError.LineTooLong);
            if (length < 0) return end;
            at = end + 1;
            if (span[end] != '\r')
            {
                Fail(span[end] == 0 ? MessageDataError.Nul : MessageDataError.BareLineEnding);
                if (at == span.Length) return at;
                continue;
            }

            _state = State.Return;
            if (at + 1 >= span.Length || span[at] != '\n' || span[at + 1] == '.') return at;
            _state = State.Text;
            _line = 0;
            at++;
        }
    }

    private int EndLine(ReadOnlySpan<byte> span, int at)
    {
        if (span[at] != '\n')
        {
            Fail(MessageDataError.BareLineEnding);
            _state = State.Text;
            return at;
        }

        _state = State.LineStart;
        _line = 0;
        return at + 1;
    }

    private void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        if (content.IsEmpty) return;
        _size += content.Length;
        if (_size > limits.MaxMessageSize) Fail(MessageDataError.TooLarge);
        if (Error == MessageDataError.None) output.Write(content);
    }

    private void Fail(MessageDataError fault)
    {
        if (Error == MessageDataError.None) Error = fault;
    }
}
