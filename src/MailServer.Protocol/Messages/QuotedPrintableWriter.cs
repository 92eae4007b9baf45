using System.Buffers;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Encodes text as quoted-printable (RFC 2045 §6.7), in pieces of any size. With <paramref name="isEncoded"/> the input is quoted-printable already and
/// only gets new soft line breaks; its decoded content stays the same.
/// </summary>
internal sealed class QuotedPrintableWriter(IBufferWriter<byte> output, bool isEncoded)
{
    // One less than the limit, for the "=" of a soft line break.
    private const int MaxColumn = 75;

    private readonly byte[] _token = new byte[3];
    private int _column;
    private int _taken;
    private byte _space;
    private bool _return;

    public void Write(ReadOnlySpan<byte> text)
    {
        foreach (var octet in text) Write(octet);
    }

    /// <summary>Writes what is left of the last line.</summary>
    public void End()
    {
        if (_taken > 0) Put(_token.AsSpan(0, _taken));
        _taken = 0;
        if (_return) Escape((byte)'\r');
        if (_space != 0) Escape(_space);
        (_return, _space) = (false, 0);
    }

    private void Write(byte octet)
    {
        if (_taken > 0)
        {
            TakeEscape(octet);
            return;
        }

        if (_return)
        {
            _return = false;
            if (octet == '\n')
            {
                EndLine();
                return;
            }

            Escape((byte)'\r');
        }

        switch (octet)
        {
            case (byte)'\r':
                _return = true;
                return;
            case (byte)' ' or (byte)'\t':
                PutSpace();
                _space = octet;
                return;
            case (byte)'=' when isEncoded:
                PutSpace();
                _token[0] = octet;
                _taken = 1;
                return;
        }

        PutSpace();
        // A hyphen at the start of a line could form a delimiter of the message.
        if (octet is >= 33 and <= 126 and not (byte)'=' && !(octet == '-' && _column == 0)) Put([octet]);
        else Escape(octet);
    }

    // "=" and two digits stay together; "=" at the end of a line is a soft line break, which is dropped.
    private void TakeEscape(byte octet)
    {
        if (_taken == 1 && octet is (byte)'\r' or (byte)' ' or (byte)'\t') return;
        if (_taken == 1 && octet == '\n')
        {
            _taken = 0;
            return;
        }

        if (!char.IsAsciiHexDigit((char)octet))
        {
            // Malformed: written as it is.
            Put(_token.AsSpan(0, _taken));
            _taken = 0;
            Write(octet);
            return;
        }

        _token[_taken++] = octet;
        if (_taken < 3) return;
        _taken = 0;
        Put(_token);
    }

    private void EndLine()
    {
        // Space at the end of a line must be encoded; in encoded text it has no meaning.
        if (_space != 0 && !isEncoded) Escape(_space);
        _space = 0;
        output.Write("\r\n"u8);
        _column = 0;
    }

    private void PutSpace()
    {
        if (_space != 0) Put([_space]);
        _space = 0;
    }

    private void Escape(byte octet)
    {
        const string digits = "0123456789ABCDEF";
        Put([(byte)'=', (byte)digits[octet >> 4], (byte)digits[octet & 15]]);
    }

    private void Put(ReadOnlySpan<byte> token)
    {
        if (_column + token.Length > MaxColumn)
        {
            output.Write("=\r\n"u8);
            _column = 0;
            if (token is [(byte)'-'])
            {
                Escape((byte)'-');
                return;
            }
        }

        output.Write(token);
        _column += token.Length;
    }
}
