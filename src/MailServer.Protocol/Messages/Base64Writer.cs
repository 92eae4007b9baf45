using System.Buffers;
using System.Buffers.Text;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Encodes octets as base64 in lines of 76 characters (RFC 2045 §6.8), in pieces of any size. With <paramref name="isEncoded"/> the input is base64
/// already and only gets new line breaks.
/// </summary>
internal sealed class Base64Writer(IBufferWriter<byte> output, bool isEncoded)
{
    private const int LineOctets = 57;
    private const int LineCharacters = 76;

    private readonly byte[] _line = new byte[LineCharacters];
    private int _length;

    public void Write(ReadOnlySpan<byte> octets)
    {
        var full = isEncoded ? LineCharacters : LineOctets;
        foreach (var octet in octets)
        {
            if (isEncoded && octet is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t') continue;
            _line[_length++] = octet;
            if (_length == full) EndLine();
        }
    }

    /// <summary>Writes the last line.</summary>
    public void End()
    {
        if (_length > 0) EndLine();
    }

    private void EndLine()
    {
        if (isEncoded)
        {
            output.Write(_line.AsSpan(0, _length));
        }
        else
        {
            Base64.EncodeToUtf8(_line.AsSpan(0, _length), output.GetSpan(LineCharacters), out _, out var written);
            output.Advance(written);
        }

        output.Write("\r\n"u8);
        _length = 0;
    }
}
