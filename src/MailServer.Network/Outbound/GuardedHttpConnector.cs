using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;

namespace MailServer.Network.Outbound;

/// <summary>
/// The connect callback of HTTP clients for hosts named by someone else: resolves the host with the server's resolver, checks the addresses with an <see
/// cref="AddressRule"/>, and connects to one of the allowed ones. Every connection is checked again, so a later DNS change has no effect.
/// </summary>
public sealed class GuardedHttpConnector(IResolver resolver, AddressRule rule)
{
    private const int MaxAddresses = 4;

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="AddressRefusedException">None of the host's addresses is allowed.</exception>
    /// <exception cref="IOException">The host has no address.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(context);
        var target = context.DnsEndPoint;
        // An IPv6 literal is in brackets.
        if (await resolver.AddressesAsync(target.Host.Trim('[', ']'), cancel) is not DnsAnswer<IPAddress>.RecordsFound found) throw new IOException($"{target.Host} has no address");
        var allowed = (await rule.FilterAsync(found.Values, cancel)).Allowed.Take(MaxAddresses).ToArray();
        if (allowed.Length == 0) throw new AddressRefusedException(target.Host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
