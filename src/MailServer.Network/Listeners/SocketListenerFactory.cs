using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners;

/// <summary>
/// Kestrel's socket transport with a different accept loop: Kestrel's retries immediately when no file descriptor is available (EMFILE) and occupies a CPU
/// core until one is free. All listeners share the transport's queues and memory. An idle connection holds no buffer.
/// </summary>
public sealed class SocketListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private const int TransportBuffer = 64 * 1024;
    private const int Backlog = 1024;
    private readonly InheritedSockets _inherited = InheritedSockets.OfProcess;
    private readonly SocketConnectionContextFactory _contexts;
    private readonly ILogger<SocketListenerFactory> _log;
    private readonly TimeProvider _time;

    public SocketListenerFactory(ILogger<SocketListenerFactory> log, TimeProvider time)
    {
        _log = log;
        _time = time;
        var transport = new SocketConnectionFactoryOptions
        {
            WaitForDataBeforeAllocatingBuffer = true,
            MaxReadBufferSize = TransportBuffer,
            MaxWriteBufferSize = TransportBuffer,
        };
        _contexts = new SocketConnectionContextFactory(transport, log);
    }

    /// <summary>Other end points (Unix sockets, handles) are left to Kestrel.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    [SuppressMessage("Reliability", "CA2000", Justification = "The listener owns the socket.")]
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint is IPEndPoint wanted && _inherited.Take(wanted) is { } inherited) return ValueTask.FromResult<IConnectionListener>(new SocketListener(inherited, _contexts, _log, _time));
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint is IPEndPoint ip && ip.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return ValueTask.FromResult<IConnectionListener>(new SocketListener(socket, _contexts, _log, _time));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ListenFailedException(endpoint, e);
        }
    }

    public void Dispose() => _contexts.Dispose();
}
