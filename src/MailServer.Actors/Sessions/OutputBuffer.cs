using System.Buffers;
using System.IO.Pipelines;

namespace MailServer.Actors.Sessions;

/// <summary>
/// Output that has not been passed to the connection yet. It uses memory only while it contains data, so an idle session costs nothing, and it can be
/// written to during a flush.
/// </summary>
internal sealed class OutputBuffer : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 1024;
    private byte[] _array = [];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Written => _array.AsSpan(0, Count);

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _array.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _array.AsSpan(Count);
    }

    /// <summary>Passes all data to <paramref name="writer"/> and releases the memory.</summary>
    public void DrainTo(PipeWriter writer)
    {
        writer.Write(Written);
        Dispose();
    }

    public void Dispose()
    {
        Count = 0;
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }

    private void Ensure(int sizeHint)
    {
        var needed = Count + Math.Max(sizeHint, 1);
        if (needed <= _array.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Smallest, Math.Max(needed, _array.Length * 2)));
        _array.AsSpan(0, Count).CopyTo(larger);
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
