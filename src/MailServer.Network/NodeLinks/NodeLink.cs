using System.Buffers.Binary;
using System.Net;
using System.Threading.Channels;

namespace MailServer.Network.NodeLinks;

/// <summary>
/// A connection between two nodes: frames in both directions, each prefixed with its length (four octets, little-endian). An error ends only this
/// connection.
/// </summary>
public sealed class NodeLink : IDisposable
{
    private const int LengthOctets = 4;
    private const int WriteBlock = 64 * 1024;

    private readonly Stream _stream;
    private readonly NodeLinkOptions _options;
    private readonly Action _released;
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private long _backlog;
    private int _disposed;
    private Action? _closed;

    internal NodeLink(Stream stream, IPEndPoint remote, NodeLinkOptions options, Action released)
    {
        _stream = stream;
        _options = options;
        _released = released;
        Remote = remote;
        _ = WriteAsync();
    }

    public IPEndPoint Remote { get; }

    /// <summary>Starts reading: passes each frame to <paramref name="received"/> in order, and calls <paramref name="closed"/> once at the end.</summary>
    public void Start(Action<ReadOnlyMemory<byte>> received, Action closed)
    {
        _closed = closed;
        _ = ReadAsync(received);
    }

    /// <summary>Queues a frame. False when the link has ended or its backlog is full.</summary>
    public bool TryWrite(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length > _options.MaxFrame || Volatile.Read(ref _disposed) != 0) return false;
        if (Interlocked.Add(ref _backlog, frame.Length) > _options.MaxBacklog)
        {
            Interlocked.Add(ref _backlog, -frame.Length);
            return false;
        }

        return _outgoing.Writer.TryWrite(frame);
    }

    /// <summary>Aborts the connection.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _outgoing.Writer.TryComplete();
        _ended.Cancel();
        _stream.Dispose();
        _released();
        Interlocked.Exchange(ref _closed, null)?.Invoke();
    }

    private async Task ReadAsync(Action<ReadOnlyMemory<byte>> received)
    {
        var length = new byte[LengthOctets];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(length, _ended.Token);
                var octets = BinaryPrimitives.ReadInt32LittleEndian(length);
                if (octets < 0 || octets > _options.MaxFrame) break;
                var frame = new byte[octets];
                await _stream.ReadExactlyAsync(frame, _ended.Token);
                received(frame);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Either side has closed the connection.
        }
        finally
        {
            Dispose();
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            // Queued frames are sent together: heartbeats and small replies share a packet.
            using var block = new MemoryStream(WriteBlock);
            var length = new byte[LengthOctets];
            while (await _outgoing.Reader.WaitToReadAsync(_ended.Token))
            {
                block.SetLength(0);
                while (block.Length < WriteBlock && _outgoing.Reader.TryRead(out var frame))
                {
                    BinaryPrimitives.WriteInt32LittleEndian(length, frame.Length);
                    block.Write(length);
                    block.Write(frame.Span);
                    Interlocked.Add(ref _backlog, -frame.Length);
                }

                await _stream.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length), _ended.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Either side has closed the connection.
        }
        finally
        {
            Dispose();
        }
    }

    private static bool IsEnd(Exception e) => e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
