using System.Buffers;
using System.Security.Cryptography;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>
/// The SHA-256 of a body in relaxed canonical form (RFC 6376 §3.4.4), in one pass: runs of white space become one space, white space at
/// line ends and empty lines at the end disappear.
/// </summary>
internal sealed class RelaxedBody : IDisposable
{
    private const int BufferSize = 32 * 1024;

    private static readonly SearchValues<byte> Special = SearchValues.Create(" \t\r\n"u8);

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _used;
    private long _lines;
    private bool _space;
    private bool _any;

    /// <summary>The hash of what lies behind <paramref name="offset"/>.</summary>
    public static byte[] Hash(MessageContent content, long offset)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var body = new RelaxedBody();
            while (content.Read(offset, chunk) is > 0 and var read)
            {
                body.Append(chunk.AsSpan(0, read));
                offset += read;
            }

            return body.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    public void Append(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            var length = body.IndexOfAny(Special);
            if (length != 0)
            {
                var text = length < 0 ? body : body[..length];
                AppendText(text);
                body = body[text.Length..];
                continue;
            }

            if (body[0] == '\n')
            {
                // What is held back is put in when text follows, and dropped at the end of the line or body.
                _lines++;
                _space = false;
            }
            else if (body[0] != '\r')
            {
                _space = true;
            }

            body = body[1..];
        }
    }

    public byte[] Finish()
    {
        if (_any) Put("\r\n"u8);
        _hash.AppendData(_buffer, 0, _used);
        return _hash.GetHashAndReset();
    }

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void AppendText(ReadOnlySpan<byte> text)
    {
        for (; _lines > 0; _lines--) Put("\r\n"u8);
        if (_space) Put(" "u8);
        _space = false;
        _any = true;
        Put(text);
    }

    private void Put(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > BufferSize - _used)
        {
            _hash.AppendData(_buffer, 0, _used);
            _used = 0;
            if (octets.Length > BufferSize)
            {
                _hash.AppendData(octets);
                return;
            }
        }

        octets.CopyTo(_buffer.AsSpan(_used));
        _used += octets.Length;
    }
}
