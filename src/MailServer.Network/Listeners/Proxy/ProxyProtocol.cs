using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners.Proxy;

/// <summary>The proxies that are trusted to report client addresses.</summary>
/// <param name="From">The proxies. They must start every connection with a header; a header from any other client is a protocol error.</param>
/// <param name="Wait">Time limit for the header.</param>
public sealed record ProxyProtocolOptions(IReadOnlyList<IPNetwork> From, TimeSpan Wait)
{
    internal bool Trusts(EndPoint? peer) => peer is IPEndPoint { Address: var address }
        && From.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}

/// <summary>Reads the client's address from the header of a load balancer, before TLS and before any command.</summary>
public static partial class ProxyProtocol
{
    /// <summary>Must be added before any other middleware that reads the connection.</summary>
    public static void UseProxyProtocol(this ListenOptions listen, ProxyProtocolOptions options, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(listen);
        if (options.From.Count == 0) return;
        listen.Use(next => connection => options.Trusts(connection.RemoteEndPoint) ? ReadAsync(connection, next, options, time, log) : next(connection));
    }

    private static async Task ReadAsync(ConnectionContext connection, ConnectionDelegate next, ProxyProtocolOptions options, TimeProvider time, ILogger log)
    {
        var proxy = connection.RemoteEndPoint;
        if (await TryReadAsync(connection, options.Wait, time) is not { } header)
        {
            LogRefused(log, proxy?.ToString() ?? "unknown");
            connection.Abort();
            return;
        }

        // The local end point stays unchanged: the port decides which service runs, and the proxy's port is different.
        if (header.Source is not null) connection.RemoteEndPoint = header.Source;
        await next(connection);
    }

    private static async ValueTask<ProxyHeader?> TryReadAsync(ConnectionContext connection, TimeSpan wait, TimeProvider time)
    {
        using var late = new CancellationTokenSource(wait, time);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(late.Token);
                var reading = ProxyHeaderReader.Read(read.Buffer, out var header, out var length);
                if (reading == ProxyHeaderStatus.Parsed) input.AdvanceTo(read.Buffer.GetPosition(length));
                else input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (reading != ProxyHeaderStatus.NeedMore || read.IsCompleted) return header;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Proxy {Proxy} sent no valid PROXY protocol header")]
    private static partial void LogRefused(ILogger logger, string proxy);
}
