using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;

namespace MailServer.Network.Outbound;

/// <summary>Opens connections to other hosts, trying their addresses in order.</summary>
/// <param name="resolver">Resolves host names.</param>
/// <param name="limits">Bounds on handshakes.</param>
/// <param name="time">The clock.</param>
/// <param name="roots">Trusted root certificates; null: those of the system.</param>
public sealed class OutboundConnector(IResolver resolver, Limits limits, TimeProvider time, X509Certificate2Collection? roots = null)
{
    // RFC 5321 §5.1: a few addresses suffice; a host with a hundred unreachable ones must not delay a delivery for hours.
    private const int MaxAddresses = 5;

    /// <param name="host">A name or an IP address.</param>
    /// <param name="port">The TCP port.</param>
    /// <param name="rule">Allowed addresses, checked after resolving the name.</param>
    /// <param name="timeout">Time limit for each address (<c>delivery.connect_timeout</c>).</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="OutboundException">No address of the host could be connected to.</exception>
    public async Task<OutboundConnection> ConnectAsync(string host, int port, AddressRule rule, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var judged = await rule.FilterAsync(await ResolveAsync(host, cancellationToken), cancellationToken);
        if (judged is { Allowed: [], Refused: { } kind })
            throw new OutboundException(kind == AddressKind.Own ? OutboundFailure.Loop : OutboundFailure.Forbidden, $"{host} has no public address (its address is {Describe(kind)})");
        OutboundException? last = null;
        foreach (var address in judged.Allowed.Take(MaxAddresses))
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, port), timeout, cancellationToken);
            }
            catch (OutboundException e)
            {
                last = e;
            }
        }

        throw last ?? new OutboundException(OutboundFailure.HostUnknown, $"{host} has no address");
    }

    private static string Describe(AddressKind kind) => kind switch
    {
        AddressKind.Own => "one of this server",
        AddressKind.LinkLocal => "link-local",
        AddressKind.Shared => "behind a provider's NAT",
        AddressKind.Documentation => "for documentation",
        AddressKind.Benchmarking => "for benchmarking",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) =>
        await resolver.AddressesAsync(host, cancellationToken) switch
        {
            DnsAnswer<IPAddress>.RecordsFound found => found.Values,
            DnsAnswer<IPAddress>.TemporaryFailure failure => throw new OutboundException(OutboundFailure.ResolverFailed, failure.Reason),
            _ => throw new OutboundException(OutboundFailure.HostUnknown, $"{host} does not exist or has no address"),
        };

    private async Task<OutboundConnection> ConnectAsync(IPEndPoint endPoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, either.Token);
            return new OutboundConnection(socket, endPoint, limits, time, roots);
        }
        catch (OperationCanceledException e)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new OutboundException(OutboundFailure.TimedOut, $"{endPoint} did not answer within {timeout.TotalSeconds:0} s", e);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new OutboundException(OutboundFailure.Unreachable, $"{endPoint}: {e.Message}", e);
        }
    }
}
