using System.Buffers;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>
/// Hashes a body in relaxed canonical form (RFC 6376 §3.4.4): runs of white space become one space, and white space at line ends and empty lines at
/// the end are removed.
/// </summary>
internal sealed class RelaxedBodyHasher(long limit = long.MaxValue) : CanonicalBodyHasher(limit)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(" \t\r\n"u8);

    private long _lines;
    private bool _space;
    private bool _any;

    /// <summary>The hash of the content after <paramref name="offset"/>.</summary>
    public static byte[] Hash(MessageContent content, long offset)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            using var body = new RelaxedBodyHasher();
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

    public override void Append(ReadOnlySpan<byte> body)
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
                // Pending white space and line ends are written when text follows, and dropped at the end of the line or body.
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

    protected override void End()
    {
        if (_any) Put("\r\n"u8);
    }

    private void AppendText(ReadOnlySpan<byte> text)
    {
        for (; _lines > 0; _lines--) Put("\r\n"u8);
        if (_space) Put(" "u8);
        _space = false;
        _any = true;
        Put(text);
    }
}
