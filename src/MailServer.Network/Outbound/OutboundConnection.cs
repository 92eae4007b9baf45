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
/// A connection that we opened to another host: two pipes, replaced by <see cref="StartTlsAsync"/>. Time-outs of commands are the caller's, by the token
/// of each read and flush. Disposing closes at once.
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

    public TlsInfo? Tls { get; private set; }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    /// <summary>Shakes hands; whatever the server sent after its reply to STARTTLS is dropped (RFC 3207 §4.2). No read may be pending.</summary>
    /// <param name="host">The name to ask for and, if <paramref name="verify"/>, to hold the certificate against.</param>
    /// <param name="verify">False: encrypt with whoever answers (opportunistic, RFC 7435).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TlsException">It failed; the connection is of no more use.</exception>
    public async ValueTask<TlsInfo> StartTlsAsync(string host, bool verify, CancellationToken cancellationToken)
    {
        if (_tls is not null) throw new InvalidOperationException("TLS was started before");
        using var timeout = new CancellationTokenSource(_limits.TlsHandshake, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var distrusted = false;
        var tls = _tls = new SslStream(_stream, leaveInnerStreamOpen: true);
        await Input.CompleteAsync();
        await Output.CompleteAsync();
        try
        {
            await tls.AuthenticateAsClientAsync(OptionsFor(host, errors => !(distrusted = verify && errors != SslPolicyErrors.None)), either.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var failure = timeout.IsCancellationRequested ? TlsFailure.TimedOut
                : distrusted ? TlsFailure.Certificate
                : e is AuthenticationException ? TlsFailure.Handshake
                : TlsFailure.Closed;
            throw new TlsException(failure, $"{host} ({Remote}): {e.InnerException?.Message ?? e.Message}", e);
        }

        Input = TlsFacts.Reader(tls);
        Output = TlsFacts.Writer(tls);
        return Tls = TlsFacts.Of(tls);
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null) await _tls.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private SslClientAuthenticationOptions OptionsFor(string host, Func<SslPolicyErrors, bool> accept) => new()
    {
        TargetHost = host,
        CertificateChainPolicy = ChainPolicy(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, _, _, errors) => accept(errors),
    };

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (_roots is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(_roots);
        return policy;
    }
}
