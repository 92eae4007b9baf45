using System.Buffers;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.Smtp.Headers;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Queue;

/// <summary>
/// Converts a queued message to 7 bits for a host without 8BITMIME (RFC 6152 §3), or its header to ASCII for a host without SMTPUTF8. Conversion breaks
/// every signature over what it changes: those of the author's
/// domain, which are ours, are removed and created again; those of other domains stay and will not verify. Held in memory up to the spool's bound, in a
/// temporary file beyond it.
/// </summary>
internal static class SevenBitConverter
{
    /// <summary>The converted message, or the reason why it cannot be converted; without a reason it never can.</summary>
    public static ConvertedMessage Convert(QueueServices services, MessageContent content, bool keepsBodies)
    {
        var author = Author(content, services.Limits.MaxHeaderSize);
        var hadOurs = false;
        using var buffer = services.Spool.Begin();
        using (var target = new BufferStream(buffer))
        using (var source = content.AsStream())
        {
            bool IsOurs(string name, string value)
            {
                var ours = author is not null && services.Signer is not null && name.Equals("DKIM-Signature", StringComparison.OrdinalIgnoreCase) && SignatureDomain.Parse(value) == author;
                hadOurs |= ours;
                return ours;
            }

            if (!SevenBitEncoder.TryWrite(source, target, IsOurs, keepsBodies)) return new ConvertedMessage(null, null);
        }

        // The signature of the original does not fit any more: without a new one the message would leave unsigned.
        if (hadOurs && services.Signer!.KeysOf(author!).Count == 0) return new ConvertedMessage(null, OutboundSigner.CannotSign);

        using var converted = buffer.OpenContent();
        var made = services.Spool.Begin();
        var signature = new ArrayBufferWriter<byte>(1024);
        if (hadOurs) services.Signer!.Sign(signature, author!, default, converted, services.Time.GetLocalNow(), services.Limits.MaxHeaderSize);
        made.Write(signature.WrittenSpan);
        for (long at = 0; converted.Read(at, made.GetSpan(32 * 1024)) is > 0 and var read; at += read) made.Advance(read);
        return new ConvertedMessage(new OwnedContent(made), null);
    }

    private static string? Author(MessageContent content, int maxHeader) =>
        HeaderSectionReader.Read(content, maxHeader) is { } header && SubmissionHeaders.Read(header).From is [var author, ..] ? author.Domain : null;

    /// <summary>Content that disposes its buffer.</summary>
    private sealed class OwnedContent(SpoolBuffer buffer) : MessageContent
    {
        private readonly MessageContent _content = buffer.OpenContent();

        public override long Length => _content.Length;

        public override int Read(long offset, Span<byte> destination) => _content.Read(offset, destination);

        protected override void Dispose(bool disposing)
        {
            _content.Dispose();
            buffer.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class BufferStream(IBufferWriter<byte> buffer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] array, int offset, int count) => buffer.Write(array.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> octets) => buffer.Write(octets);

        public override void Flush() { }

        public override int Read(byte[] array, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>The result of a conversion.</summary>
/// <param name="Content">The converted message; null if it cannot be converted.</param>
/// <param name="Refusal">Why it cannot be converted now; null if it never can.</param>
internal sealed record ConvertedMessage(MessageContent? Content, SmtpReply? Refusal);
