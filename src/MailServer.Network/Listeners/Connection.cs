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
/// A client connection: two pipes, which <see cref="StartTlsAsync"/> replaces by encrypted ones and <see cref="StartCompressionAsync"/> by compressed ones. At most one reader and one writer may use it at a time. An
/// idle connection, encrypted or not, holds no buffer. Reading past the end returns a completed result; writing to a peer that has disconnected returns a
/// completed flush or throws an <see cref="IOException"/>.
/// </summary>
public sealed class Connection : IAsyncDisposable
{
    private const byte TlsHandshakeRecord = 0x16; // RFC 8446 §5.1
    private const int BlockSize = 4_096;
    private static readonly StreamPipeReaderOptions InflatedInput = new(bufferSize: BlockSize, minimumReadSize: 1_024, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions CompressedOutput = new(minimumBufferSize: BlockSize);

    private readonly ConnectionContext _context;
    private readonly MailListenerServices _parts;
    private SslStream? _tls;
    private PipeReader? _compressedInput;
    private CompressingStream? _compressing;
    private int _closing;

    internal Connection(ConnectionContext context, ListenerKind kind, MailListenerServices parts)
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

    /// <summary>Short and unique; sorts in the order of arrival.</summary>
    public string Id { get; }

    public ListenerKind Kind { get; }

    public IPEndPoint Remote { get; }

    public IPEndPoint Local { get; }

    /// <summary>Null before a successful handshake.</summary>
    public TlsInfo? Tls { get; private set; }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    /// <summary>
    /// Cancelled when no more input can arrive: either side closed the connection, or the client closed its sending side. Replies may still reach the
    /// client, so it is better to detect the end through <see cref="Input"/>.
    /// </summary>
    public CancellationToken Closed => _context.ConnectionClosed;

    /// <summary>
    /// Flushes, drops plaintext that the client sent before the handshake (RFC 3207 §4.2: it must not be interpreted as commands later), performs the
    /// handshake, and replaces <see cref="Input"/> and <see cref="Output"/>. No read may be pending.
    /// </summary>
    /// <exception cref="TlsException">The handshake failed or took longer than <c>Limits.TlsHandshake</c>; the connection is closed.</exception>
    public async ValueTask<TlsInfo> StartTlsAsync(CancellationToken cancellationToken)
    {
        if (_tls is not null) throw new InvalidOperationException("TLS has already been started");
        using var timeout = new CancellationTokenSource(_parts.Limits.TlsHandshakeTimeout, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token, Closed);
        _tls = new SslStream(new DuplexPipeStream(_context.Transport.Input, _context.Transport.Output), leaveInnerStreamOpen: true);
        try
        {
            await Output.FlushAsync(either.Token);
            await AwaitHandshakeAsync(either.Token);
            await _tls.AuthenticateAsServerAsync(_parts.Certificates.SelectOptions, state: null, either.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            var failure = FailureOf(e, timeout.IsCancellationRequested);
            if (failure == TlsFailure.Handshake) await CloseAsync(); // The alert must still be sent.
            else Abort();
            cancellationToken.ThrowIfCancellationRequested();
            throw new TlsException(failure, e.InnerException?.Message ?? e.Message, e);
        }

        IdleTlsBuffers.Release(_tls);
        Input = TlsStreamPipes.Reader(_tls);
        Output = TlsStreamPipes.Writer(_tls);
        var info = TlsStreamPipes.Of(_tls);
        return Tls = _parts.BindsSignIns && ChannelBindings.Of(_tls) is { } bindings ? new BindableTlsInfo(info.Protocol, info.CipherSuite, info.ServerName, bindings) : info;
    }

    /// <summary>Flushes, and replaces <see cref="Input"/> and <see cref="Output"/> by pipes that decompress and compress (RFC 4978). No read or write may be pending.</summary>
    public async ValueTask StartCompressionAsync()
    {
        if (_compressing is not null) throw new InvalidOperationException("compression has already been started");
        await Output.FlushAsync();
        _compressedInput = Input;
        _compressing = new CompressingStream(Output.AsStream(leaveOpen: true));
        Input = PipeReader.Create(new InflateStream(_compressedInput.AsStream(leaveOpen: true), 2 * _parts.Limits.MaxMessageSize), InflatedInput);
        Output = PipeWriter.Create(_compressing, CompressedOutput);
    }

    /// <summary>Releases memory that an idle connection does not need. Everything must have been flushed.</summary>
    public void ReleaseIdleMemory() => _compressing?.Release();

    /// <summary>Aborts the connection; unsent data is lost. Thread-safe.</summary>
    public void Abort() => _context.Abort();

    /// <summary>
    /// Sends all written data, closes TLS and TCP, and returns when the socket is closed. A peer that does not accept the data within
    /// <c>Limits.WriteTimeout</c> is disconnected. No write may be pending.
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

    /// <summary>Closes the connection and releases its resources. Called by the listener when the session has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        using var timeout = new CancellationTokenSource(_parts.Limits.WriteTimeout, _parts.Time);
        await using (timeout.Token.UnsafeRegister(static connection => ((Connection)connection!).Abort(), this))
        {
            // Waits until all data is sent: if the client closed its sending side first, Closed was cancelled earlier.
            await _context.DisposeAsync();
        }

        if (_compressing is not null)
        {
            await Input.CompleteAsync();
            await _compressing.DisposeAsync();
        }

        if (Tls is not null) await (_compressedInput ?? Input).CompleteAsync();
        if (_tls is not null) await _tls.DisposeAsync();
    }

    private async Task ClosedAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = Closed.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), closed);
        await closed.Task;
    }

    /// <summary>Waits for input that begins with a TLS record. SslStream would take plaintext for the header of a long record, and wait for the rest of it.</summary>
    private async ValueTask AwaitHandshakeAsync(CancellationToken cancel)
    {
        if (!Kind.IsImplicitTls) DropPlainInput();
        var input = _context.Transport.Input;
        var read = await input.ReadAsync(cancel);
        var isPlain = new SequenceReader<byte>(read.Buffer).TryPeek(out var first) && first != TlsHandshakeRecord;
        input.AdvanceTo(read.Buffer.Start);
        if (isPlain) throw new AuthenticationException("the client does not speak TLS");
    }

    /// <summary>
    /// Drops input up to the first TLS record, whose first octet no command contains: the ClientHello may already have arrived when the reply to STARTTLS
    /// was flushed. Plaintext that arrives later makes the handshake fail.
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
