using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using MailServer.Domain.Sessions;
using MailServer.Network.Tls;
using Microsoft.AspNetCore.Connections;

namespace MailServer.Network.Listeners;

/// <summary>
/// One client's connection: two pipes, which <see cref="StartTlsAsync"/> replaces by encrypted ones. Used by one reader and one writer at a time.
/// An idle connection, encrypted or not, holds no buffer. Reading past the end gives a completed result; writing to a peer that is gone
/// gives a completed flush or an <see cref="IOException"/>.
/// </summary>
public sealed class Connection : IAsyncDisposable
{
    private const byte TlsHandshakeRecord = 0x16; // RFC 8446 §5.1
    private readonly ConnectionContext _context;
    private readonly MailListenerParts _parts;
    private SslStream? _tls;
    private int _closing;

    internal Connection(ConnectionContext context, ListenerKind kind, MailListenerParts parts)
    {
        _context = context;
        _parts = parts;
        Kind = kind;
        Id = parts.Ids.Next();
        Remote = EndPointOf(context.RemoteEndPoint);
        Local = EndPointOf(context.LocalEndPoint);
        Input = context.Transport.Input;
        Output = context.Transport.Output;
    }

    /// <summary>Short, unique, in the order of arrival.</summary>
    public string Id { get; }

    public ListenerKind Kind { get; }

    public IPEndPoint Remote { get; }

    public IPEndPoint Local { get; }

    /// <summary>Null until a handshake succeeded.</summary>
    public TlsInfo? Tls { get; private set; }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    /// <summary>
    /// Cancelled when nothing can come any more: either side closed, or the client ended its half. Replies to what it sent before may still
    /// reach it, so the end is better taken from <see cref="Input"/>.
    /// </summary>
    public CancellationToken Closed => _context.ConnectionClosed;

    /// <summary>
    /// Flushes, drops what the client sent ahead of the handshake (RFC 3207 §4.2: none of it may be taken for a command afterwards),
    /// shakes hands and replaces <see cref="Input"/> and <see cref="Output"/>. No read may be pending.
    /// </summary>
    /// <exception cref="TlsException">It failed or took longer than <c>Limits.TlsHandshake</c>; the connection is closed.</exception>
    public async ValueTask<TlsInfo> StartTlsAsync(CancellationToken cancellationToken)
    {
        if (_tls is not null) throw new InvalidOperationException("TLS was started before");
        using var timeout = new CancellationTokenSource(_parts.Limits.TlsHandshake, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token, Closed);
        _tls = new SslStream(new DuplexPipeStream(_context.Transport.Input, _context.Transport.Output), leaveInnerStreamOpen: true);
        try
        {
            await Output.FlushAsync(either.Token);
            DropPlainInput();
            await _tls.AuthenticateAsServerAsync(_parts.Certificates.SelectOptions, state: null, either.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            var failure = FailureOf(e, timeout.IsCancellationRequested);
            if (failure == TlsFailure.Handshake) await CloseAsync(); // An alert is on its way.
            else Abort();
            cancellationToken.ThrowIfCancellationRequested();
            throw new TlsException(failure, e.InnerException?.Message ?? e.Message, e);
        }

        IdleBuffers.Release(_tls);
        Input = TlsFacts.Reader(_tls);
        Output = TlsFacts.Writer(_tls);
        return Tls = TlsFacts.Of(_tls);
    }

    /// <summary>Cuts the connection off at once; what was not sent is lost. Safe from any thread.</summary>
    public void Abort() => _context.Abort();

    /// <summary>
    /// Sends all that was written, then the end of TLS and of TCP, and returns when the socket is closed. A peer that does not take it
    /// within <c>Limits.WriteTimeout</c> is cut off. Nobody may be writing.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0) return;
        using var timeout = new CancellationTokenSource(_parts.Limits.WriteTimeout, _parts.Time);
        await using var cut = timeout.Token.UnsafeRegister(static connection => ((Connection)connection!).Abort(), this);
        try
        {
            await Output.FlushAsync(timeout.Token);
            if (Tls is not null) await _tls!.ShutdownAsync();
            await _context.Transport.Output.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Abort();
        }

        await ClosedAsync();
    }

    /// <summary>Closes and gives back what the connection holds. Done by the listener, when the session has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        using var timeout = new CancellationTokenSource(_parts.Limits.WriteTimeout, _parts.Time);
        await using (timeout.Token.UnsafeRegister(static connection => ((Connection)connection!).Abort(), this))
        {
            // Waits until all is sent: when the client had ended its side first, Closed came before.
            await _context.DisposeAsync();
        }

        if (Tls is not null) await Input.CompleteAsync();
        if (_tls is not null) await _tls.DisposeAsync();
    }

    private async Task ClosedAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = Closed.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), closed);
        await closed.Task;
    }

    /// <summary>
    /// Up to the first TLS record, which no command can contain: the ClientHello may have come already when the reply to STARTTLS
    /// was flushed before this is called. Octets that arrive later go into the handshake and fail it.
    /// </summary>
    private void DropPlainInput()
    {
        var input = _context.Transport.Input;
        if (!input.TryRead(out var read)) return;
        var rest = read.Buffer.PositionOf(TlsHandshakeRecord) ?? read.Buffer.End;
        input.AdvanceTo(rest);
    }

    private TlsFailure FailureOf(Exception e, bool timedOut)
    {
        if (timedOut) return TlsFailure.TimedOut;
        return Closed.IsCancellationRequested || e is not AuthenticationException ? TlsFailure.Closed : TlsFailure.Handshake;
    }

    private static IPEndPoint EndPointOf(EndPoint? endPoint) => endPoint switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port),
        IPEndPoint plain => plain,
        _ => new IPEndPoint(IPAddress.None, 0),
    };
}
