using System.Buffers;
using System.IO.Pipelines;

namespace MailServer.Actors.Sessions;

/// <summary>
/// What a session has said and the connection has not been given yet. Holds memory only while it holds octets, so that an idle session
/// costs nothing, and can be written to while an earlier flush is under way.
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

    /// <summary>Hands everything to <paramref name="writer"/> and gives the memory back.</summary>
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
