using System.Buffers;

namespace MailServer.Domain.Messages;

/// <summary>
/// The octets of one message, readable at any offset by several readers, wherever they are stored
/// (memory, file, another node). Dispose after use. An expunged message stays readable until then, unless the process runs short of open files.
/// </summary>
public abstract class MessageContent : IDisposable
{
    /// <summary>Size in octets.</summary>
    public abstract long Length { get; }

    /// <summary>Reads up to the size of <paramref name="destination"/> from <paramref name="offset"/>; returns 0 at the end.</summary>
    public abstract int Read(long offset, Span<byte> destination);

    /// <summary>Reads a range into memory; the result is shorter if the message ends earlier.</summary>
    public byte[] ReadRange(long offset, int count)
    {
        var bytes = new byte[(int)Math.Clamp(Length - offset, 0, count)];
        var read = 0;
        while (read < bytes.Length && Read(offset + read, bytes.AsSpan(read)) is > 0 and var n) read += n;
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Returns the content as a read-only, seekable stream. Disposing the stream does not dispose the content.</summary>
    public Stream AsStream() => new ContentStream(this);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }

    private sealed class ContentStream(MessageContent content) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => content.Length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = content.Read(Position, buffer);
            Position += read;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin)
        {
            var position = offset + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => Position,
                _ => Length,
            };
            return position >= 0 ? Position = position : throw new IOException("the position is before the start");
        }

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>A message in memory.</summary>
public sealed class InMemoryContent(ReadOnlySequence<byte> bytes) : MessageContent
{
    public InMemoryContent(ReadOnlyMemory<byte> bytes) : this(new ReadOnlySequence<byte>(bytes)) { }

    public override long Length => bytes.Length;

    public override int Read(long offset, Span<byte> destination)
    {
        if (offset >= bytes.Length) return 0;
        var count = (int)Math.Min(destination.Length, bytes.Length - offset);
        bytes.Slice(offset, count).CopyTo(destination);
        return count;
    }
}
