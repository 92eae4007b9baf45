using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners.Proxy;

/// <summary>Whose word is taken for the client's address.</summary>
/// <param name="From">The proxies. They must send a header before anything else, on every connection; everybody else who sends one is not understood.</param>
/// <param name="Wait">How long the header may take.</param>
public sealed record ProxyProtocolOptions(IReadOnlyList<IPNetwork> From, TimeSpan Wait)
{
    internal bool Trusts(EndPoint? peer) => peer is IPEndPoint { Address: var address }
        && From.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}

/// <summary>Lets a load balancer in front of us say for whom it connects, before TLS and before any command.</summary>
public static partial class ProxyProtocol
{
    /// <summary>Put before everything else that reads the connection.</summary>
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
            LogRefused(log, proxy);
            connection.Abort();
            return;
        }

        // Our own end stays what it is: which port was reached decides what is served, and the proxy's is another.
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
                if (reading == ProxyReading.Parsed) input.AdvanceTo(read.Buffer.GetPosition(length));
                else input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (reading != ProxyReading.NeedMore || read.IsCompleted) return header;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The proxy {Proxy} did not say for whom it connects, or not in a way that is understood")]
    private static partial void LogRefused(ILogger logger, EndPoint? proxy);
}
