using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Measurements;
using MailServer.Network.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners;

/// <summary>Handles the connections of one listener: admission, TLS handshake if implicit, then the session.</summary>
public sealed partial class MailConnectionHandler(ListenerKind kind, MailListenerServices parts) : ConnectionHandler
{
    // Sending a refusal costs a handshake on the TLS ports, so a flood is closed without a reply.
    private const int PoliteRefusals = 64;
    private const int KeepAliveSeconds = 120;
    private readonly ILogger _log = parts.Loggers.CreateLogger<MailConnectionHandler>();
    private int _refusing;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var accepted = new Connection(connection, kind, parts);
        var admission = parts.Bans.IsBanned(accepted.Remote.Address, signsIn: kind != ListenerKind.Smtp) ? ConnectionAdmission.Banned : parts.Gate.TryEnter(accepted.Remote.Address);
        if (admission != ConnectionAdmission.Admitted)
        {
            LogRefused(accepted.Id, kind, accepted.Remote, admission);
            ServerMetrics.RefusedConnections.Add(1, new KeyValuePair<string, object?>("reason", ReasonOf(admission)));
            await RefuseAsync(accepted, admission);
            return;
        }

        ServerMetrics.Connections.Add(1, new KeyValuePair<string, object?>("listener", kind.Name));
        try
        {
            KeepAlive(connection);
            if (!kind.IsImplicitTls || await ShakeHandsAsync(accepted)) await parts.Handler.HandleAsync(accepted);
        }
        finally
        {
            await accepted.DisposeAsync();
            parts.Gate.Leave(accepted.Remote.Address);
        }
    }

    private static string ReasonOf(ConnectionAdmission admission) => admission switch
    {
        ConnectionAdmission.Banned => "banned",
        ConnectionAdmission.TooManyFromAddress => "too many from address",
        _ => "too many",
    };

    private async Task<bool> ShakeHandsAsync(Connection connection)
    {
        try
        {
            await connection.StartTlsAsync(CancellationToken.None);
            return true;
        }
        catch (TlsException e)
        {
            LogNoTls(connection.Id, kind, connection.Remote, e.Failure, e.Message);
            return false;
        }
    }

    private async Task RefuseAsync(Connection connection, ConnectionAdmission admission)
    {
        try
        {
            if (Interlocked.Increment(ref _refusing) > PoliteRefusals) connection.Abort();
            else if (!kind.IsImplicitTls || await ShakeHandsAsync(connection))
            {
                RefusalGreeting.Write(connection.Output, kind, admission);
                await connection.CloseAsync();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _refusing);
            await connection.DisposeAsync();
        }
    }

    /// <summary>TCP keep-alive detects peers that vanished and keeps NAT entries alive, without involving the session.</summary>
    private static void KeepAlive(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket) return;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds / 4);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client has disconnected: the session will read the end.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} connection {Connection} from {Remote} refused: {Reason}")]
    private partial void LogRefused(string connection, ListenerKind kind, IPEndPoint remote, ConnectionAdmission reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Kind} connection {Connection} from {Remote}: TLS handshake failed ({Failure}): {Reason}")]
    private partial void LogNoTls(string connection, ListenerKind kind, IPEndPoint remote, TlsFailure failure, string reason);
}
