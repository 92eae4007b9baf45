using System.IO.Pipelines;
using MailServer.Domain;

namespace MailServer.Web.Listeners;

/// <summary>
/// A request body while it arrives: in memory up to <see cref="Limits.RequestBodyBuffer"/>, beyond that in a temporary file. Nothing is allocated for
/// octets that were only announced.
/// </summary>
/// <param name="client">Who sends it, for the client's share of the files.</param>
/// <param name="limits">The limits of the node.</param>
/// <param name="buffers">The memory that all bodies share.</param>
/// <param name="files">The files that all bodies share.</param>
/// <param name="createFile">Creates an empty temporary file that disappears when it is closed.</param>
internal sealed class ArrivingBody(string client, Limits limits, SharedBudget buffers, UploadFiles files, Func<Stream> createFile) : IDisposable
{
    private const int FirstBuffer = 4 * 1024;

    private byte[] _buffer = [];
    private Stream? _file;
    private bool _hasFileShare;
    private long _length;

    public long Length => _length;

    public bool IsInFile => _file is not null;

    /// <summary>Receives the whole body.</summary>
    /// <exception cref="RequestBodyException">It is larger than <paramref name="max"/>, or cannot be buffered.</exception>
    public async Task ReceiveAsync(PipeReader source, long max, CancellationToken cancel)
    {
        while (true)
        {
            var read = await source.ReadAsync(cancel);
            if (_length + read.Buffer.Length > max) throw RequestBodyException.TooLarge();
            foreach (var piece in read.Buffer) await AddAsync(piece, cancel);
            source.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    /// <summary>The whole body as an array.</summary>
    public async Task<byte[]> ToArrayAsync(CancellationToken cancel)
    {
        if (_file is null) return _buffer.Length == _length ? _buffer : _buffer[..(int)_length];
        var body = GC.AllocateUninitializedArray<byte>((int)_length);
        try
        {
            _file.Position = 0;
            await _file.ReadExactlyAsync(body, cancel);
        }
        catch (IOException e)
        {
            throw RequestBodyException.NoDisk(e);
        }

        return body;
    }

    /// <summary>Removes the file. The buffer may be the body that the request still uses: its share is returned by <see cref="ReturnBuffer"/>.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        if (_hasFileShare) files.Remove(client);
        (_file, _hasFileShare) = (null, false);
    }

    /// <summary>Returns the share of the memory for small bodies.</summary>
    public void ReturnBuffer()
    {
        buffers.Return(_buffer.Length);
        _buffer = [];
    }

    private async ValueTask AddAsync(ReadOnlyMemory<byte> piece, CancellationToken cancel)
    {
        if (_file is null && !TryGrow((int)Math.Min(_length + piece.Length, int.MaxValue))) await OpenFileAsync(cancel);
        if (_file is null) piece.Span.CopyTo(_buffer.AsSpan((int)_length));
        else await WriteAsync(_file, piece, cancel);
        _length += piece.Length;
    }

    /// <summary>Makes room in memory; false if the body or all small bodies together become too large for it.</summary>
    private bool TryGrow(int wanted)
    {
        if (wanted <= _buffer.Length) return true;
        if (wanted > limits.RequestBodyBuffer) return false;
        var size = Math.Min(limits.RequestBodyBuffer, Math.Max(wanted, Math.Max(FirstBuffer, 2 * _buffer.Length)));
        if (!buffers.TryTake(size - _buffer.Length)) return false;
        Array.Resize(ref _buffer, size);
        return true;
    }

    private async Task OpenFileAsync(CancellationToken cancel)
    {
        if (!files.TryAdd(client)) throw RequestBodyException.Busy();
        _hasFileShare = true;
        try
        {
            _file = createFile();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RequestBodyException.NoDisk(e as IOException ?? new IOException(e.Message, e));
        }

        await WriteAsync(_file, _buffer.AsMemory(0, (int)_length), cancel);
        ReturnBuffer();
    }

    private static async ValueTask WriteAsync(Stream file, ReadOnlyMemory<byte> piece, CancellationToken cancel)
    {
        try
        {
            await file.WriteAsync(piece, cancel);
        }
        catch (IOException e)
        {
            throw RequestBodyException.NoDisk(e);
        }
    }
}
