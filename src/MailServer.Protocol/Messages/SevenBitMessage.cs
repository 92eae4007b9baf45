using System.Text;
using MimeKit;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Makes a message 7-bit for a host that takes nothing else (RFC 6152 §3): parts get quoted-printable or base64, whichever is shorter, and header fields
/// encoded words (RFC 2047). Text is the same when read, octets are not: signatures over them break, so ours is made anew by the caller.
/// The parts stay in the source while they are encoded; only headers and structure are held in memory.
/// </summary>
public static class SevenBitMessage
{
    /// <param name="source">The message; can be sought.</param>
    /// <param name="target">Where the 7-bit one goes.</param>
    /// <param name="isOurs">Header fields that must not be in it, by name and value: our own signatures.</param>
    /// <returns>False: it is no MIME that can be converted; what was written to <paramref name="target"/> is of no use.</returns>
    public static bool TryWrite(Stream source, Stream target, Func<string, string, bool> isOurs)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(isOurs);
        MimeMessage message;
        try
        {
            message = new MimeParser(source, MimeFormat.Entity, persistent: true).ParseMessage();
        }
        catch (FormatException)
        {
            return false;
        }

        using (message)
        {
            for (var i = message.Headers.Count - 1; i >= 0; i--)
                if (isOurs(message.Headers[i].Field, message.Headers[i].Value)) message.Headers.RemoveAt(i);

            message.Prepare(EncodingConstraint.SevenBit);
            var visitor = new HeaderEncoder();
            visitor.Visit(message);
            var options = FormatOptions.Default.Clone();
            options.NewLineFormat = NewLineFormat.Dos;
            options.EnsureNewLine = true;
            using var guarded = new AsciiGuard(target);
            message.WriteTo(options, guarded);
            return guarded.IsAscii;
        }
    }

    private sealed class HeaderEncoder : MimeVisitor
    {
        public override void Visit(MimeMessage message)
        {
            Encode(message.Headers);
            base.Visit(message);
        }

        public override void Visit(MimeEntity entity)
        {
            Encode(entity.Headers);
            base.Visit(entity);
        }

        protected override void VisitMessagePart(MessagePart entity)
        {
            if (entity.Message is { } nested) Visit(nested);
        }

        protected override void VisitMultipart(Multipart multipart)
        {
            // What stands before and behind the parts is for nobody.
            multipart.Preamble = InAscii(multipart.Preamble);
            multipart.Epilogue = InAscii(multipart.Epilogue);
            base.VisitMultipart(multipart);
        }

        private static string? InAscii(string? text) => text is null || Ascii.IsValid(text) ? text : null;

        private static void Encode(HeaderList headers)
        {
            foreach (var header in headers)
                if (!Ascii.IsValid(header.RawValue)) header.SetValue(Encoding.UTF8, header.Value);
        }
    }

    /// <summary>Passes on what is written, and sees whether it is 7-bit.</summary>
    private sealed class AsciiGuard(Stream target) : Stream
    {
        public bool IsAscii { get; private set; } = true;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => target.Length;

        public override long Position { get => target.Position; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsAscii &= Ascii.IsValid(buffer);
            target.Write(buffer);
        }

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
