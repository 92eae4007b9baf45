using System.Net;

namespace MailServer.Network.Outbound;

/// <summary>
/// Decides which addresses the server may connect to when somebody else chose the host: a recipient's domain, a URL of a client, a name in DNS. Nobody shall
/// reach through the server what it cannot reach itself. It judges addresses, not names, so ask it after the name is resolved and connect to what it
/// allowed: a name that resolves differently the next time gains nothing.
/// </summary>
/// <param name="own">The server's own addresses.</param>
/// <param name="allowPrivate">Every address is allowed that is not a public one of this server: for tests and closed networks.</param>
public sealed class AddressRule(IOwnAddresses own, bool allowPrivate)
{
    /// <summary>Allows every address: for hosts that the administrator named.</summary>
    public static AddressRule None { get; } = new(new NoOwnAddresses(), allowPrivate: true);

    public async ValueTask<JudgedAddresses> JudgeAsync(IReadOnlyList<IPAddress> found, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(found);
        return Judge(found, await own.GetAsync(cancel));
    }

    private JudgedAddresses Judge(IReadOnlyList<IPAddress> found, IReadOnlySet<IPAddress> mine)
    {
        var allowed = new List<IPAddress>(found.Count);
        AddressKind? refused = null;
        foreach (var address in found)
        {
            var kind = SpecialAddresses.KindOf(address);
            var isOwn = SpecialAddresses.Reached(address).Any(mine.Contains);
            if (kind == AddressKind.Public ? !isOwn : allowPrivate) allowed.Add(address);
            else refused ??= isOwn && kind == AddressKind.Public ? AddressKind.Own : kind;
        }

        return new JudgedAddresses(allowed, refused);
    }

    private sealed class NoOwnAddresses : IOwnAddresses
    {
        public ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel) => new(new HashSet<IPAddress>());
    }
}

/// <summary>The addresses of a host that may be connected to, in the order in which they were found.</summary>
/// <param name="Allowed">Those to connect to.</param>
/// <param name="Refused">What the first refused address is; null when none was refused.</param>
public sealed record JudgedAddresses(IReadOnlyList<IPAddress> Allowed, AddressKind? Refused);
