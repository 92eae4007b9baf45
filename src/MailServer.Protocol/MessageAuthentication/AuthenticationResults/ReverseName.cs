using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>The results of iprev (RFC 8601 §2.7.3).</summary>
public enum ReverseNameResult
{
    Pass,
    Fail,
    TempError,
    PermError,
}

/// <summary>The result of a reverse DNS check. <paramref name="Name"/> is the confirmed host name; null without one.</summary>
public sealed record ReverseNameOutcome(ReverseNameResult Result, IPAddress Address, string? Name);

/// <summary>Evaluates iprev: whether a host name of the client's IP address resolves back to the address (RFC 8601 §3).</summary>
public sealed class ReverseName(IDnsLookup dns)
{
    private const int MaxNames = 5;

    public async Task<ReverseNameOutcome> EvaluateAsync(IPAddress address, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        switch (await dns.HostNamesAsync(address, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure:
                return new ReverseNameOutcome(ReverseNameResult.TempError, address, null);
            case DnsAnswer<string>.Found names:
                var result = ReverseNameResult.Fail;
                foreach (var name in names.Values.Take(MaxNames))
                {
                    var answer = address.AddressFamily == AddressFamily.InterNetwork ? await dns.Ip4Async(name, cancel) : await dns.Ip6Async(name, cancel);
                    if (answer is DnsAnswer<IPAddress>.Found found && found.Values.Contains(address)) return new ReverseNameOutcome(ReverseNameResult.Pass, address, name);
                    if (answer is DnsAnswer<IPAddress>.TemporaryFailure) result = ReverseNameResult.TempError;
                }

                return new ReverseNameOutcome(result, address, null);
            default:
                return new ReverseNameOutcome(ReverseNameResult.PermError, address, null);
        }
    }
}
