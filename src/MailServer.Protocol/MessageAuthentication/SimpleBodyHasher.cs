namespace MailServer.Protocol.MessageAuthentication;

/// <summary>Hashes a body in simple canonical form (RFC 6376 §3.4.3): unchanged, but with exactly one CRLF at its end.</summary>
internal sealed class SimpleBodyHasher(long limit) : CanonicalBodyHasher(limit)
{
    private long _lines;

    public override void Append(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            var length = body.IndexOfAny((byte)'\r', (byte)'\n');
            if (length == 0)
            {
                // Hold line ends back, because those at the end of the body are ignored.
                if (body[0] == '\n') _lines++;
                body = body[1..];
                continue;
            }

            var text = length < 0 ? body : body[..length];
            for (; _lines > 0; _lines--) Put("\r\n"u8);
            Put(text);
            body = body[text.Length..];
        }
    }

    protected override void End() => Put("\r\n"u8);
}
