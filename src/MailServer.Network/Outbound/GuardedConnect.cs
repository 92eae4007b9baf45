using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;

namespace MailServer.Network.Outbound;

/// <summary>
/// How HTTP clients connect to a host that somebody else named: resolved by the server's own resolver, judged by an <see cref="AddressRule"/>, and
/// connected to one of the addresses that were judged. Every connection is judged anew, so an answer of DNS that changes later gains nothing.
/// </summary>
public sealed class GuardedConnect(IResolver resolver, AddressRule rule)
{
    private const int MaxAddresses = 4;

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="AddressRefusedException">The host has addresses, none of which is allowed.</exception>
    /// <exception cref="IOException">The host has no address.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(context);
        var target = context.DnsEndPoint;
        // A literal IPv6 address arrives in brackets.
        if (await resolver.AddressesAsync(target.Host.Trim('[', ']'), cancel) is not DnsAnswer<IPAddress>.Found found) throw new IOException($"{target.Host} has no address");
        var allowed = (await rule.JudgeAsync(found.Values, cancel)).Allowed.Take(MaxAddresses).ToArray();
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
