using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Timing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners;

/// <summary>Accepts connections on one bound socket. When file descriptors run out it pauses; new clients wait in the kernel's backlog.</summary>
internal sealed partial class SocketListener(Socket socket, SocketConnectionContextFactory contexts, ILogger log, TimeProvider time) : IConnectionListener
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly ExponentialBackoff _backOff = new(FirstPause, LongestPause);
    private readonly CancellationTokenSource _unbound = new();
    private bool _isShort;

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Socket? accepted = null;
            try
            {
                accepted = await socket.AcceptAsync(cancellationToken);
                accepted.NoDelay = true;
                _isShort = false;
                _backOff.Reset();
                return contexts.Create(accepted);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (SocketException e) when (accepted is null && e.SocketErrorCode != SocketError.ConnectionAborted)
            {
                if (!await PauseAsync(e)) return null;
            }
            catch (SocketException)
            {
                // The client has already disconnected.
                accepted?.Dispose();
            }
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        _unbound.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>False when the listener was unbound meanwhile.</summary>
    private async Task<bool> PauseAsync(SocketException e)
    {
        if (!_isShort) LogCannotAccept(EndPoint, e.Message);
        _isShort = true;
        try
        {
            await Task.Delay(_backOff.Next(), time, _unbound.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot accept connections on {EndPoint}; retrying: {Reason}")]
    private partial void LogCannotAccept(EndPoint endPoint, string reason);
}
