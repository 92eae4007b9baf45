using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>The results of iprev (RFC 8601 §2.7.3).</summary>
public enum IprevResult
{
    Pass,
    Fail,
    TempError,
    PermError,
}

/// <summary>The result of a reverse DNS check. <paramref name="Name"/> is the confirmed host name; null without one.</summary>
public sealed record IprevOutcome(IprevResult Result, IPAddress Address, string? Name);

/// <summary>Evaluates iprev: whether a host name of the client's IP address resolves back to the address (RFC 8601 §3).</summary>
public sealed class IprevEvaluator(IDnsLookup dns)
{
    private const int MaxNames = 5;

    public async Task<IprevOutcome> EvaluateAsync(IPAddress address, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        switch (await dns.LookupPtrAsync(address, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure:
                return new IprevOutcome(IprevResult.TempError, address, null);
            case DnsAnswer<string>.RecordsFound names:
                var result = IprevResult.Fail;
                foreach (var name in names.Values.Take(MaxNames))
                {
                    var answer = address.AddressFamily == AddressFamily.InterNetwork ? await dns.LookupIPv4Async(name, cancel) : await dns.LookupIPv6Async(name, cancel);
                    if (answer is DnsAnswer<IPAddress>.RecordsFound found && found.Values.Contains(address)) return new IprevOutcome(IprevResult.Pass, address, name);
                    if (answer is DnsAnswer<IPAddress>.TemporaryFailure) result = IprevResult.TempError;
                }

                return new IprevOutcome(result, address, null);
            default:
                return new IprevOutcome(IprevResult.PermError, address, null);
        }
    }
}
