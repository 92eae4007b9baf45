using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Domain.Sessions;
using MailServer.Network.Tls;

namespace MailServer.Network.Outbound;

/// <summary>
/// An outgoing connection: two pipes, replaced by <see cref="StartTlsAsync"/>. Callers set command time-outs through the token of each read and flush.
/// Disposing it closes it immediately.
/// </summary>
public sealed class OutboundConnection : IAsyncDisposable
{
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly X509Certificate2Collection? _roots;
    private readonly NetworkStream _stream;
    private SslStream? _tls;

    internal OutboundConnection(Socket socket, IPEndPoint remote, Limits limits, TimeProvider time, X509Certificate2Collection? roots)
    {
        _limits = limits;
        _time = time;
        _roots = roots;
        _stream = new NetworkStream(socket, ownsSocket: true);
        Remote = remote;
        Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public IPEndPoint Remote { get; }

    public IPEndPoint? Local => _stream.Socket.LocalEndPoint as IPEndPoint;

    public TlsInfo? Tls { get; private set; }

    /// <summary>The verification result of the certificate; null without TLS.</summary>
    public PeerVerdict? Peer { get; private set; }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    /// <summary>Performs the TLS handshake; drops data that the server sent after its STARTTLS reply (RFC 3207 §4.2). No read may be pending.</summary>
    /// <param name="check">Requirements for the certificate; the first name is used for SNI.</param>
    /// <param name="cancellationToken">Cancels the handshake.</param>
    /// <exception cref="TlsException">The handshake failed; the connection cannot be used any more.</exception>
    public async ValueTask<TlsInfo> StartTlsAsync(PeerRequirements check, CancellationToken cancellationToken)
    {
        if (_tls is not null) throw new InvalidOperationException("TLS has already been started");
        using var timeout = new CancellationTokenSource(_limits.TlsHandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var verifier = new PeerVerifier(check, _time);
        var tls = _tls = new SslStream(_stream, leaveInnerStreamOpen: true);
        await Input.CompleteAsync();
        await Output.CompleteAsync();
        try
        {
            await tls.AuthenticateAsClientAsync(OptionsFor(verifier), either.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var distrusted = verifier.HasRefused;
            var failure = timeout.IsCancellationRequested ? TlsFailure.TimedOut
                : distrusted ? TlsFailure.Certificate
                : e is AuthenticationException ? TlsFailure.Handshake
                : TlsFailure.Closed;
            var reason = distrusted ? verifier.Verdict!.Detail : e.InnerException?.Message ?? e.Message;
            throw new TlsException(failure, $"{check.Names[0]} ({Remote}): {reason}", e) { Fault = distrusted ? verifier.Verdict!.Fault : null };
        }

        Input = TlsStreamPipes.Reader(tls);
        Output = TlsStreamPipes.Writer(tls);
        Peer = verifier.Verdict;
        return Tls = TlsStreamPipes.Of(tls);
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null) await _tls.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private SslClientAuthenticationOptions OptionsFor(PeerVerifier verifier) => new()
    {
        TargetHost = verifier.Check.Names[0],
        CertificateChainPolicy = TrustedRoots.ChainPolicy(_roots),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => verifier.Accepts(certificate as X509Certificate2, chain, errors),
    };
}
