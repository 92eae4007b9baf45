using System.Net;
using MailServer.Actors.Trust;
using MailServer.Domain.Dns;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Network.Diagnostics;
using MailServer.Network.Dns;

namespace MailServer.Diagnostics;

/// <summary>Checks whether DNS block lists (RFC 5782) list the addresses from which this server sends.</summary>
internal sealed class BlockListCheck(IResolver resolver, BlockLists lists, string hostname)
{
    private const string Subject = "block lists";

    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancel)
    {
        var published = await resolver.AddressesAsync(hostname, cancel) is DnsAnswer<IPAddress>.RecordsFound found ? found.Values : [];
        var addresses = published.Concat(NetworkProbe.PublicAddresses()).Where(NetworkProbe.IsPublic).Distinct().ToArray();
        if (addresses.Length == 0) return [CheckResult.Ok(Subject, "not checked: this server has no public address")];
        var results = new List<CheckResult>();
        foreach (var address in addresses)
        {
            if (await lists.FindAsync(address, cancel) is not { } listing) continue;
            results.Add(CheckResult.Problem(
                $"block list {listing.Zone}", $"lists {address}{(listing.Text is { } text ? ": " + text : "")}", "repair the cause that it names, then ask its operator to remove the address"));
        }

        return results.Count > 0 ? results : [CheckResult.Ok(Subject, $"{string.Join<IPAddress>(", ", addresses)} {Quantity.Noun(addresses.Length, "is", "are")} not listed")];
    }
}
