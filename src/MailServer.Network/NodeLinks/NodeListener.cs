using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.NodeLinks;

/// <summary>
/// Accepts connections from other nodes and connects to them. A failed handshake, on either side and for any reason, affects only its own connection: a
/// port scanner, a dying peer or an expired certificate never stops a node.
/// </summary>
public sealed class NodeListener : IDisposable
{
    private const int Backlog = 128;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly NodeLinkOptions _options;
    private readonly Socket _socket;
    private readonly SemaphoreSlim _free;
    private readonly CancellationTokenSource _ended = new();

    /// <exception cref="NodeLinkException">The port cannot be bound.</exception>
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

    /// <summary>The bound port, also when port 0 was requested.</summary>
    public int Port { get; }

    /// <summary>Starts accepting; passes each link with a successful handshake to <paramref name="accepted"/>.</summary>
    public void Start(Action<NodeLink> accepted) => _ = AcceptAsync(accepted);

    /// <summary>Connects to another node.</summary>
    /// <exception cref="NodeLinkException">The node is unreachable, or the handshake failed.</exception>
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
                // Out of file descriptors, or the socket was closed: the next iteration distinguishes them.
                if (!_ended.IsCancellationRequested) await Task.Delay(AfterFailure);
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
