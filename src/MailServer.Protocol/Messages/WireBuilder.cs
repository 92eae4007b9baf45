using System.Buffers;
using System.Buffers.Text;

namespace MailServer.Protocol.Messages;

/// <summary>Builds octets in pooled memory. Slices of it can be referenced and copied. Dispose returns the memory to the pool.</summary>
internal sealed class WireBuilder(int capacity = 512) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlySpan<byte> this[WireSlice slice] => _bytes.AsSpan(slice.Start, slice.Length);

    public void Clear() => Length = 0;

    public void Add(byte octet)
    {
        if (Length == _bytes.Length) Grow(1);
        _bytes[Length++] = octet;
    }

    public void Add(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(GetSpan(octets.Length));
        Length += octets.Length;
    }

    public void AddNumber(long number)
    {
        Utf8Formatter.TryFormat(number, GetSpan(20), out var length);
        Length += length;
    }

    /// <summary>Appends a copy of a slice of this builder.</summary>
    public void AddSlice(WireSlice slice)
    {
        var target = GetSpan(slice.Length);
        this[slice].CopyTo(target);
        Length += slice.Length;
    }

    /// <summary>The slice that was appended since the builder had the length <paramref name="start"/>.</summary>
    public WireSlice SliceFrom(int start) => new(start, Length - start);

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(1, sizeHint)) Grow(Math.Max(1, sizeHint));
        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public byte[] ToArray() => Written.ToArray();

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, checked(Length + more)));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

/// <summary>A range of a <see cref="WireBuilder"/>.</summary>
internal readonly record struct WireSlice(int Start, int Length);
