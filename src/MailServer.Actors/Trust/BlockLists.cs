using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MailServer.Domain;
using MailServer.Domain.Dns;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Trust;

/// <summary>A block list that lists an address, and its explanation; null if there is none.</summary>
public sealed record BlockListing(string Zone, string? Text);

/// <summary>
/// DNS block lists (RFC 5782): a query for a listed address under a zone returns an address in 127.0.0.0/8. Results are cached for some minutes. A missing
/// answer means not listed, and so does 127.255.255.0/24, by which a list refuses the query. Thread-safe.
/// </summary>
public sealed partial class BlockLists(IDnsLookup dns, IReadOnlyList<string> zones, Limits limits, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<IPAddress, CachedListing> _known = new();

    /// <summary>The first zone, in the configured order, that lists the address; null when none does.</summary>
    public async ValueTask<BlockListing?> FindAsync(IPAddress address, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (zones.Count == 0) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (_known.TryGetValue(address, out var known) && time.GetElapsedTime(known.At) < Kept) return known.Listing;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(limits.BlockListTimeout);
        var name = Reverse(address);
        var answers = await Task.WhenAll(zones.Select(zone => AskAsync(zone, name, late.Token)));
        var found = Array.FindIndex(answers, static a => a == Answer.Listed);
        var listing = found < 0 ? null : new BlockListing(zones[found], await TextAsync($"{name}.{zones[found]}", late.Token));
        if (listing is not null || !answers.Contains(Answer.Unknown)) Keep(address, listing);
        return listing;
    }

    /// <summary>RFC 5782 §2.1, §2.4: octets or nibbles in reverse order.</summary>
    internal static string Reverse(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse())
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse());

    private async Task<Answer> AskAsync(string zone, string name, CancellationToken cancel)
    {
        try
        {
            switch (await dns.LookupIPv4Async($"{name}.{zone}", cancel))
            {
                case DnsAnswer<IPAddress>.RecordsFound { Values: var values }:
                    var octets = values.Select(static v => v.GetAddressBytes()).ToArray();
                    if (octets.Any(static o => o is [127, 255, 255, _])) LogRefused(log, zone);
                    return octets.Any(static o => o is [127, ..] and not [127, 255, 255, _]) ? Answer.Listed : Answer.NotListed;
                case DnsAnswer<IPAddress>.NoRecords:
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
            return await dns.LookupTxtAsync(name, cancel) is DnsAnswer<string>.RecordsFound { Values: [var text, ..] } ? Plain(text) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Makes the text safe for a reply line.</summary>
    private static string Plain(string text)
    {
        const int MaxText = 200;
        return string.Concat(text.Take(MaxText).Select(static c => c is < ' ' or > '~' ? '?' : c));
    }

    private void Keep(IPAddress address, BlockListing? listing)
    {
        if (_known.Count >= limits.BlockListCache) _known.Clear();
        _known[address] = new CachedListing(listing, time.GetTimestamp());
    }

    private enum Answer
    {
        NotListed,
        Listed,
        Unknown,
    }

    private sealed record CachedListing(BlockListing? Listing, long At);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Block list {Zone} refuses our queries (127.255.255.x): use your own resolver, or remove the list from security.dnsbl")]
    private static partial void LogRefused(ILogger logger, string zone);
}
