using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MailServer.Domain;
using MailServer.Domain.Dns;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Trust;

/// <summary>A list that has an address, and what it says of it; null when it says nothing.</summary>
public sealed record BlockListing(string Zone, string? Text);

/// <summary>
/// DNS block lists (RFC 5782): who asks for an address under a zone gets an address in 127.0.0.0/8 when it is listed. Answers are kept for some
/// minutes. No answer is no listing, and neither is one in 127.255.255.0/24, by which a list says that it does not want to be asked this way. Safe to
/// use from several threads.
/// </summary>
public sealed partial class BlockLists(IDnsLookup dns, IReadOnlyList<string> zones, Limits limits, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<IPAddress, Known> _known = new();

    /// <summary>The first of the zones, in their order, that lists the address; null when none does.</summary>
    public async ValueTask<BlockListing?> FindAsync(IPAddress address, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (zones.Count == 0) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (_known.TryGetValue(address, out var known) && time.GetElapsedTime(known.At) < Kept) return known.Listing;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(limits.BlockListCheck);
        var name = Reverse(address);
        var answers = await Task.WhenAll(zones.Select(zone => AskAsync(zone, name, late.Token)));
        var found = Array.FindIndex(answers, static a => a == Answer.Listed);
        var listing = found < 0 ? null : new BlockListing(zones[found], await TextAsync($"{name}.{zones[found]}", late.Token));
        if (listing is not null || !answers.Contains(Answer.Unknown)) Keep(address, listing);
        return listing;
    }

    /// <summary>RFC 5782 §2.1, §2.4: the octets, or the nibbles, from the last to the first.</summary>
    internal static string Reverse(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse())
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse());

    private async Task<Answer> AskAsync(string zone, string name, CancellationToken cancel)
    {
        try
        {
            switch (await dns.Ip4Async($"{name}.{zone}", cancel))
            {
                case DnsAnswer<IPAddress>.Found { Values: var values }:
                    var octets = values.Select(static v => v.GetAddressBytes()).ToArray();
                    if (octets.Any(static o => o is [127, 255, 255, _])) LogRefused(log, zone);
                    return octets.Any(static o => o is [127, ..] and not [127, 255, 255, _]) ? Answer.Listed : Answer.NotListed;
                case DnsAnswer<IPAddress>.None:
                    return Answer.NotListed;
                default:
                    return Answer.Unknown;
            }
        }
        catch (OperationCanceledException)
        {
            return Answer.Unknown;
        }
    }

    private async Task<string?> TextAsync(string name, CancellationToken cancel)
    {
        try
        {
            return await dns.TextsAsync(name, cancel) is DnsAnswer<string>.Found { Values: [var text, ..] } ? Plain(text) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>It goes into a reply line.</summary>
    private static string Plain(string text)
    {
        const int MaxText = 200;
        return string.Concat(text.Take(MaxText).Select(static c => c is < ' ' or > '~' ? '?' : c));
    }

    private void Keep(IPAddress address, BlockListing? listing)
    {
        if (_known.Count >= limits.BlockListCache) _known.Clear();
        _known[address] = new Known(listing, time.GetTimestamp());
    }

    private enum Answer
    {
        NotListed,
        Listed,
        Unknown,
    }

    private sealed record Known(BlockListing? Listing, long At);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The block list {Zone} refuses our questions (127.255.255.x): ask it through a resolver of your own, or take it out of security.dnsbl")]
    private static partial void LogRefused(ILogger logger, string zone);
}
