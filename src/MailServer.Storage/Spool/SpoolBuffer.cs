using System.Buffers;
using MailServer.Domain.Messages;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Spool;

/// <summary>
/// Buffers an incoming message: in pooled memory up to <c>Limits.MessageMemory</c>, beyond that in a temporary file. Single writer; must always be disposed.
/// </summary>
public sealed class SpoolBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstSegment = 4 * 1024;
    private const int LargestSegment = 64 * 1024;

    private readonly List<(byte[] Bytes, int Count)> _full = [];
    private readonly string _temporaryPath;
    private readonly int _memory;
    private byte[] _segment = [];
    private int _used;
    private long _held;
    private long _onDisk;
    private SafeFileHandle? _file;
    private Exception? _failure;

    internal SpoolBuffer(SpoolId id, string temporaryPath, int memory, Exception? failure = null)
    {
        _failure = failure;
        Id = id;
        _temporaryPath = temporaryPath;
        _memory = memory;
    }

    /// <summary>The spool id that the message will have, for its trace fields.</summary>
    public SpoolId Id { get; }

    /// <summary>Number of octets written so far.</summary>
    public long Length => _onDisk + _held + _used;

    /// <summary>The temporary file; null while the content is in memory.</summary>
    internal SafeFileHandle? File => _file;

    internal string TemporaryPath => _temporaryPath;

    public void Advance(int count)
    {
        if (count < 0 || _used + count > _segment.Length) throw new ArgumentOutOfRangeException(nameof(count));
        _used += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _segment.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _segment.AsSpan(_used);
    }

    /// <summary>Opens the written content for reading before the commit. Valid until the next write or disposal.</summary>
    public MessageContent OpenContent()
    {
        ThrowIfIncomplete();
        if (_file is null) return new InMemoryContent(Sequence(default));
        WriteOut();
        return FileContent.TryOpen(_temporaryPath) ?? throw new FileNotFoundException("the spool's temporary file was removed", _temporaryPath);
    }

    public void Dispose()
    {
        foreach (var (bytes, _) in _full) ArrayPool<byte>.Shared.Return(bytes);
        _full.Clear();
        if (_segment.Length > 0) ArrayPool<byte>.Shared.Return(_segment);
        _segment = [];
        (_used, _held) = (0, 0);
        if (_file is null) return;
        _file.Dispose();
        _file = null;
        Posix.TryUnlink(_temporaryPath);
    }

    /// <summary>Returns the prefix and the content in memory as a list of segments.</summary>
    internal List<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> prefix)
    {
        var pieces = new List<ReadOnlyMemory<byte>>(_full.Count + 2);
        if (prefix.Length > 0) pieces.Add(prefix);
        foreach (var (bytes, count) in _full) pieces.Add(bytes.AsMemory(0, count));
        if (_used > 0) pieces.Add(_segment.AsMemory(0, _used));
        return pieces;
    }

    internal ReadOnlySequence<byte> Sequence(ReadOnlyMemory<byte> prefix)
    {
        Piece? first = null, last = null;
        foreach (var memory in Pieces(prefix))
        {
            last = new Piece(memory, last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    /// <summary>
    /// Throws if the content could not be buffered completely. After a failure further content is accepted and
    /// discarded, so that the session can read the rest of the message and reply that it cannot be stored.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    internal void ThrowIfIncomplete()
    {
        if (_failure is not null) throw new IOException(_failure.Message, _failure);
    }

    /// <summary>Moves the content from memory to the file.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    internal void WriteOut()
    {
        ThrowIfIncomplete();
        _file ??= PrivateFile.Create(_temporaryPath);
        RandomAccess.Write(_file, Pieces(default), _onDisk);
        Drop();
    }

    private void TryWriteOut()
    {
        try
        {
            if (_failure is null) WriteOut();
            else Drop();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failure = e;
            Drop();
        }
    }

    /// <summary>Discards the content in memory after it was written or a failure occurred.</summary>
    private void Drop()
    {
        _onDisk += _held + _used;
        foreach (var (bytes, _) in _full) ArrayPool<byte>.Shared.Return(bytes);
        _full.Clear();
        (_used, _held) = (0, 0);
    }

    private void Grow(int sizeHint)
    {
        var wanted = Math.Max(1, sizeHint);
        if (_segment.Length - _used >= wanted) return;
        if (_file is not null || _failure is not null || _held + _used + wanted > _memory) TryWriteOut();
        if (_segment.Length - _used >= wanted) return;
        if (_used > 0)
        {
            _full.Add((_segment, _used));
            _held += _used;
        }
        else if (_segment.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_segment);
        }

        _used = 0;
        var next = _held == 0 && _file is null ? FirstSegment : (int)Math.Clamp(_held * 2, FirstSegment, LargestSegment);
        if (_file is not null) next = LargestSegment;
        _segment = ArrayPool<byte>.Shared.Rent(Math.Max(next, wanted));
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
