using System.Net;

namespace MailServer.Network.Outbound;

/// <summary>
/// Decides which addresses the server may connect to when someone else chose the host: a recipient's domain, a client's URL, a name in DNS. This prevents
/// clients from reaching internal hosts through the server (SSRF). It checks addresses, not names: call it after resolving the name and connect to an
/// allowed address, so that a later DNS change (DNS rebinding) has no effect.
/// </summary>
/// <param name="own">The server's own addresses.</param>
/// <param name="allowPrivate">Allows every address except public ones of this server, for tests and closed networks.</param>
public sealed class AddressRule(IOwnAddresses own, bool allowPrivate)
{
    /// <summary>Allows every address, for hosts named by the administrator.</summary>
    public static AddressRule None { get; } = new(new NoOwnAddresses(), allowPrivate: true);

    public async ValueTask<FilteredAddresses> FilterAsync(IReadOnlyList<IPAddress> found, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(found);
        return Judge(found, await own.GetAsync(cancel));
    }

    private FilteredAddresses Judge(IReadOnlyList<IPAddress> found, IReadOnlySet<IPAddress> mine)
    {
        var allowed = new List<IPAddress>(found.Count);
        AddressKind? refused = null;
        foreach (var address in found)
        {
            var kind = SpecialAddresses.KindOf(address);
            var isOwn = SpecialAddresses.EmbeddedAddresses(address).Any(mine.Contains);
            if (kind == AddressKind.Public ? !isOwn : allowPrivate) allowed.Add(address);
            else refused ??= isOwn && kind == AddressKind.Public ? AddressKind.Own : kind;
        }

        return new FilteredAddresses(allowed, refused);
    }

    private sealed class NoOwnAddresses : IOwnAddresses
    {
        public ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel) => new(new HashSet<IPAddress>());
    }
}

/// <summary>The addresses of a host that may be connected to, in the order of resolution.</summary>
/// <param name="Allowed">The allowed addresses.</param>
/// <param name="Refused">The category of the first refused address; null when none was refused.</param>
public sealed record FilteredAddresses(IReadOnlyList<IPAddress> Allowed, AddressKind? Refused);
