using System.IO.Compression;

namespace MailServer.Network.Listeners;

/// <summary>
/// Reads what a client has compressed (RFC 4978). A client whose data expands more than any mail does is disconnected: it would make the server process
/// a thousand times of what it sends.
/// </summary>
/// <param name="source">The compressed data.</param>
/// <param name="allowance">The number of octets that may be decompressed whatever the ratio is, in octets.</param>
internal sealed class InflateStream(Stream source, long allowance) : ForwardStream
{
    private const int MaxRatio = 100;

    private readonly CountingStream _source = new(source);
    private DeflateStream? _inflater;
    private long _produced;

    public override bool CanRead => true;

    /// <exception cref="IOException">The data expands too much.</exception>
    /// <exception cref="InvalidDataException">The data is not compressed correctly.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _inflater ??= new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
        var count = await _inflater.ReadAsync(buffer, cancellationToken);
        _produced += count;
        if (_produced > allowance + (MaxRatio * _source.Count)) throw new IOException("the compressed data expands too much");
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inflater?.Dispose();
        base.Dispose(disposing);
    }

    private sealed class CountingStream(Stream source) : ForwardStream
    {
        public long Count { get; private set; }

        public override bool CanRead => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await source.ReadAsync(buffer, cancellationToken);
            Count += count;
            return count;
        }
    }
}
