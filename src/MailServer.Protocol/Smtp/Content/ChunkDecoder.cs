using System.Buffers;
using MailServer.Domain;

namespace MailServer.Protocol.Smtp.Content;

/// <summary>
/// Decodes the counted octets of BDAT (RFC 3030 §2). The rules of DATA apply, because the message may later be relayed with DATA. One decoder handles
/// all chunks of a message.
/// </summary>
internal sealed class ChunkDecoder(Limits limits)
{
    private static readonly SearchValues<byte> LineBreakers = SearchValues.Create("\r\n\0"u8);

    private long _remaining;
    private long _size;
    private int _line;
    private bool _afterReturn;

    public MessageDataError Error { get; private set; }

    /// <summary>Starts a chunk of <paramref name="count"/> octets.</summary>
    public void Begin(long count)
    {
        _remaining = count;
        if (count > limits.MaxMessageSize - _size) Fail(MessageDataError.TooLarge);
        else _size += count;
    }

    /// <summary>Returns true at the end of the chunk. After a fault, or without an output, the octets are only counted.</summary>
    public bool Decode(ref ReadOnlySequence<byte> input, IBufferWriter<byte>? output)
    {
        while (_remaining > 0 && !input.IsEmpty)
        {
            var span = input.FirstSpan;
            if (span.Length > _remaining) span = span[..(int)_remaining];
            if (Error == MessageDataError.None) Check(span);
            if (Error == MessageDataError.None) output?.Write(span);
            _remaining -= span.Length;
            input = input.Slice(span.Length);
        }

        return _remaining == 0;
    }

    /// <summary>Ends the message: a CR at the very end is a bare CR.</summary>
    public void End()
    {
        if (_afterReturn) Fail(MessageDataError.BareLineEnding);
    }

    private void Check(ReadOnlySpan<byte> span)
    {
        while (!span.IsEmpty)
        {
            if (_afterReturn != (span[0] == '\n')) Fail(MessageDataError.BareLineEnding);
            if (_afterReturn)
            {
                _afterReturn = false;
                _line = 0;
                span = span[1..];
                continue;
            }

            var length = span.IndexOfAny(LineBreakers);
            _line += length < 0 ? span.Length : length;
            if (_line > limits.SmtpTextLine) Fail(MessageDataError.LineTooLong);
            if (length < 0) return;
            if (span[length] == 0) Fail(MessageDataError.Nul);
            _afterReturn = span[length] == '\r';
            span = span[(_afterReturn || span[length] == 0 ? length + 1 : length)..];
            if (Error != MessageDataError.None) return;
        }
    }

    private void Fail(MessageDataError fault)
    {
        if (Error == MessageDataError.None) Error = fault;
    }
}
