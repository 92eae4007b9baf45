using System.Buffers;
using CsCheck;
using MailServer.Domain.Messages;

namespace MailServer.Domain.Tests.Messages;

public sealed class MessageContentTests
{
    private static readonly Gen<byte[]> Octets = Gen.Byte.Array[0, 200];

    [Fact]
    public void A_range_returns_the_octets_at_its_position() => Octets.Select(Gen.Long[0, 220], Gen.Int[0, 220]).Sample((octets, offset, count) =>
    {
        var expected = octets.Skip((int)offset).Take(count).ToArray();
        Assert.Equal(expected, new InMemoryContent(octets).ReadRange(offset, count));
        Assert.Equal(expected, new InMemoryContent(Pieces(octets)).ReadRange(offset, count));
        using var stingy = new SingleOctetContent(octets);
        Assert.Equal(expected, stingy.ReadRange(offset, count));
    });

    [Fact]
    public void A_range_of_truncated_content_is_shorter()
    {
        using var content = new SingleOctetContent([1, 2, 3]) { Claimed = 10 };
        Assert.Equal([2, 3], content.ReadRange(1, 9));
    }

    [Fact]
    public void The_stream_reads_everything_in_pieces_of_any_size() => Octets.Select(Gen.Int[1, 50]).Sample((octets, piece) =>
    {
        using var stream = new InMemoryContent(Pieces(octets)).AsStream();
        var buffer = new byte[piece];
        var read = new List<byte>();
        for (int n; (n = stream.Read(buffer)) > 0;) read.AddRange(buffer.AsSpan(0, n));
        Assert.Equal(octets, read);
        Assert.Equal(octets.Length, stream.Position);
        Assert.Equal(octets.Length, stream.Length);
    });

    [Fact]
    public async Task Stream_is_copied_asynchronously()
    {
        var octets = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();
        await using var stream = new InMemoryContent(octets).AsStream();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(octets, copy.ToArray());
    }

    [Fact]
    public void The_stream_seeks_from_start_current_position_and_end()
    {
        using var stream = new InMemoryContent(new byte[] { 0, 1, 2, 3, 4 }).AsStream();
        Assert.Equal(2, stream.Seek(2, SeekOrigin.Begin));
        Assert.Equal(2, stream.ReadByte());
        Assert.Equal(4, stream.Seek(1, SeekOrigin.Current));
        Assert.Equal(4, stream.ReadByte());
        Assert.Equal(3, stream.Seek(-2, SeekOrigin.End));
        Assert.Equal(3, stream.ReadByte());
        stream.Position = 99;
        Assert.Equal(-1, stream.ReadByte());
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
    }

    [Fact]
    public void The_stream_is_read_only()
    {
        using var stream = new InMemoryContent(new byte[1]).AsStream();
        Assert.Equal((true, true, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        stream.Flush();
    }

    [Fact]
    public void Disposing_the_stream_leaves_the_content_open()
    {
        var content = new SingleOctetContent([1, 2]);
        content.AsStream().Dispose();
        Assert.False(content.Disposed);
        Assert.Equal([1, 2], content.ReadRange(0, 2));
        content.Dispose();
        Assert.True(content.Disposed);
    }

    [Fact]
    public async Task Several_readers_can_read_one_content_concurrently()
    {
        var octets = Enumerable.Range(0, 50_000).Select(i => (byte)(i * 7)).ToArray();
        using var content = new InMemoryContent(Pieces(octets));
        var copies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using var copy = new MemoryStream();
            content.AsStream().CopyTo(copy, 777);
            return copy.ToArray();
        })));
        Assert.All(copies, copy => Assert.Equal(octets, copy));
    }

    /// <summary>The same octets as a sequence of segments.</summary>
    private static ReadOnlySequence<byte> Pieces(byte[] octets)
    {
        if (octets.Length < 2) return new ReadOnlySequence<byte>(octets);
        var size = Math.Max(1, octets.Length / 3);
        Segment first = new(octets.AsMemory(0, size), 0), last = first;
        for (var at = size; at < octets.Length; at += size) last = last.Append(octets.AsMemory(at, Math.Min(size, octets.Length - at)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    /// <summary>Returns one octet at a time, and can claim to be longer than it is, like a truncated file.</summary>
    private sealed class SingleOctetContent(byte[] octets) : MessageContent
    {
        public long? Claimed { get; init; }

        public bool Disposed { get; private set; }

        public override long Length => Claimed ?? octets.Length;

        public override int Read(long offset, Span<byte> destination)
        {
            if (offset >= octets.Length || destination.IsEmpty) return 0;
            destination[0] = octets[offset];
            return 1;
        }

        protected override void Dispose(bool disposing)
        {
            Disposed = true;
            base.Dispose(disposing);
        }
    }
}
