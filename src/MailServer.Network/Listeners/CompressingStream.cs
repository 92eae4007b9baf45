using System.IO.Compression;

namespace MailServer.Network.Listeners;

/// <summary>
/// Compresses what is written (RFC 4978); a flush completes the octets of everything written before. The compressor needs a quarter of a megabyte, so it
/// can be released between two flushes: the next one begins without a history, and the client's side continues as if nothing had happened.
/// </summary>
internal sealed class CompressingStream(Stream target) : ForwardStream
{
    private readonly Gate _gate = new(target);
    private DeflateStream? _compressor;

    public override bool CanWrite => true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _compressor ??= new DeflateStream(_gate, CompressionLevel.Fastest, leaveOpen: true);
        await _compressor.WriteAsync(buffer, cancellationToken);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_compressor is not null) await _compressor.FlushAsync(cancellationToken);
        await target.FlushAsync(cancellationToken);
    }

    /// <summary>Releases the compressor. Everything must have been flushed, and no write may be pending.</summary>
    public void Release()
    {
        if (_compressor is null) return;
        // Disposing the compressor ends the data, but the data goes on.
        _gate.IsClosed = true;
        _compressor.Dispose();
        _compressor = null;
        _gate.IsClosed = false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Release();
        base.Dispose(disposing);
    }

    private sealed class Gate(Stream target) : ForwardStream
    {
        public bool IsClosed { get; set; }

        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            IsClosed ? ValueTask.CompletedTask : target.WriteAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (!IsClosed) base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IsClosed) base.Write(buffer);
        }
    }
}
