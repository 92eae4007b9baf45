using System.Text;
using MimeKit;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Converts a message to 7-bit for a host without 8BITMIME (RFC 6152 §3), or only its header fields for a host without SMTPUTF8. Parts become
/// quoted-printable or base64, whichever is shorter; header fields get encoded-words (RFC 2047) and domains in A-labels. The text stays the same, but
/// signatures over the octets break, so the caller must sign again. An address with a local part outside ASCII has no other form, so a message with one
/// cannot be converted. Part contents are streamed; only headers and structure are held in memory.
/// </summary>
public static class SevenBitEncoder
{
    private static readonly HashSet<string> AddressFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "To", "Cc", "Bcc", "Sender", "Reply-To", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-Sender", "Resent-Reply-To",
        "Disposition-Notification-To",
    };

    /// <param name="source">The message; must be seekable.</param>
    /// <param name="target">Receives the 7-bit message.</param>
    /// <param name="isOurs">Selects header fields to remove, by name and value: this server's own signatures.</param>
    /// <param name="keepsBodies">Leave the contents of the parts as they are.</param>
    /// <returns>False when the message is not convertible MIME; the content of <paramref name="target"/> is then useless.</returns>
    public static bool TryWrite(Stream source, Stream target, Func<string, string, bool> isOurs, bool keepsBodies = false)
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

            if (!keepsBodies) message.Prepare(EncodingConstraint.SevenBit);
            var visitor = new HeaderEncoder(keepsBodies);
            visitor.Visit(message);
            if (!visitor.IsConverted) return false;
            var options = FormatOptions.Default.Clone();
            options.NewLineFormat = NewLineFormat.Dos;
            options.EnsureNewLine = true;
            using var guarded = new AsciiGuard(target);
            message.WriteTo(options, guarded);
            return keepsBodies || guarded.IsAscii;
        }
    }

    private sealed class HeaderEncoder(bool keepsBodies) : MimeVisitor
    {
        private bool _isSigned;

        /// <summary>False when a field has no ASCII form, or is part of signed content, which would break.</summary>
        public bool IsConverted { get; private set; } = true;

        public override void Visit(MimeMessage message)
        {
            Encode(message.Headers);
            base.Visit(message);
        }

        protected override void VisitMimeEntity(MimeEntity entity)
        {
            Encode(entity.Headers);
            base.VisitMimeEntity(entity);
        }

        protected override void VisitMessagePart(MessagePart entity)
        {
            VisitMimeEntity(entity);
            if (entity.Message is { } nested) Visit(nested);
        }

        protected override void VisitMultipart(Multipart multipart)
        {
            if (!keepsBodies)
            {
                // The preamble and epilogue are for non-MIME readers and may be dropped.
                multipart.Preamble = InAscii(multipart.Preamble);
                multipart.Epilogue = InAscii(multipart.Epilogue);
            }

            var isSigned = _isSigned;
            _isSigned |= keepsBodies && multipart.ContentType.IsMimeType("multipart", "signed");
            base.VisitMultipart(multipart);
            _isSigned = isSigned;
        }

        private static string? InAscii(string? text) => text is null || Ascii.IsValid(text) ? text : null;

        private void Encode(HeaderList headers)
        {
            foreach (var header in headers)
            {
                if (Ascii.IsValid(header.RawValue)) continue;
                IsConverted &= !_isSigned && !HasLocalPartOutsideAscii(header);
                if (IsConverted) header.SetValue(Encoding.UTF8, header.Value);
                IsConverted &= Ascii.IsValid(header.RawValue);
            }
        }

        private static bool HasLocalPartOutsideAscii(Header header)
        {
            if (!AddressFields.Contains(header.Field)) return false;
            return !InternetAddressList.TryParse(header.RawValue, out var list)
                || list.Mailboxes.Any(static m => !Ascii.IsValid(m.Address.AsSpan(0, m.Address.LastIndexOf('@') is >= 0 and var at ? at : m.Address.Length)));
        }
    }

    /// <summary>Passes octets through and checks whether they are 7-bit.</summary>
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
