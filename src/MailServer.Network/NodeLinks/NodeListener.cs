using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.NodeLinks;

/// <summary>
/// The port on which a node meets the others, and its way to theirs. A handshake that fails, on either side and for whatever reason, costs that one
/// connection: a port scanner, a peer that dies or an expired certificate never stops a node.
/// </summary>
public sealed class NodeListener : IDisposable
{
    private const int Backlog = 128;
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMilliseconds(100);

    private readonly NodeLinkOptions _options;
    private readonly Socket _socket;
    private readonly SemaphoreSlim _free;
    private readonly CancellationTokenSource _ended = new();

    /// <exception cref="NodeLinkException">The port cannot be listened on.</exception>
    public NodeListener(NodeLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _free = new SemaphoreSlim(options.MaxLinks);
        _socket = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.Bind(new IPEndPoint(options.Listen, options.Port));
            _socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new NodeLinkException($"cannot listen for other nodes on {options.Listen}:{options.Port}: {e.Message}", e);
        }

        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    /// <summary>The port, also when any free one was asked for.</summary>
    public int Port { get; }

    /// <summary>Begins to accept; <paramref name="accepted"/> is given each link whose handshake succeeded.</summary>
    public void Start(Action<NodeLink> accepted) => _ = AcceptAsync(accepted);

    /// <summary>Connects to another node.</summary>
    /// <exception cref="NodeLinkException">It cannot be reached, or the handshake failed.</exception>
    public async Task<NodeLink> ConnectAsync(string host, int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        try
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            late.CancelAfter(_options.ConnectTimeout);
            EndPoint target = IPAddress.TryParse(host.Trim('[', ']'), out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
            await socket.ConnectAsync(target, late.Token);
            var stream = await SecureAsync(socket, host, isServer: false);
            return new NodeLink(stream, (IPEndPoint)socket.RemoteEndPoint!, _options, static () => { });
        }
        catch (Exception e) when (IsFailure(e))
        {
            socket.Dispose();
            throw new NodeLinkException(e is OperationCanceledException ? $"{host}:{port} did not answer in time" : $"{host}:{port}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        _socket.Dispose();
    }

    private async Task AcceptAsync(Action<NodeLink> accepted)
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await _free.WaitAsync(_ended.Token);
                _ = WelcomeAsync(await AcceptOneAsync(), accepted);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // No descriptor is free, or the socket is gone: the next round tells.
                if (!_ended.IsCancellationRequested) await Task.Delay(s_afterFailure);
            }
        }
    }

    private async Task<Socket> AcceptOneAsync()
    {
        try
        {
            return await _socket.AcceptAsync(_ended.Token);
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    private async Task WelcomeAsync(Socket socket, Action<NodeLink> accepted)
    {
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var remote = (IPEndPoint)socket.RemoteEndPoint!;
            var stream = await SecureAsync(socket, remote.ToString(), isServer: true);
            accepted(new NodeLink(stream, remote, _options, () => _free.Release()));
        }
        catch (Exception e) when (IsFailure(e))
        {
            socket.Dispose();
            _free.Release();
        }
    }

    private async Task<Stream> SecureAsync(Socket socket, string peer, bool isServer)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (_options.Identity is not { } source) return plain;
        var identity = source();
        var tls = new SslStream(plain);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        late.CancelAfter(_options.HandshakeTimeout);
        try
        {
            if (isServer) await tls.AuthenticateAsServerAsync(identity.ForServer(Check), late.Token);
            else await tls.AuthenticateAsClientAsync(identity.ForClient(peer, Check), late.Token);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }

        bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (identity.FindFault(certificate as X509Certificate2) is not { } fault) return true;
            _options.Refused($"{peer} {fault}");
            return false;
        }
    }

    private static bool IsFailure(Exception e) =>
        e is SocketException or IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException or CryptographicException or InvalidOperationException or ArgumentException or NotSupportedException;
}
