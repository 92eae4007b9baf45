using System.Net;
using System.Net.Sockets;

namespace MailServer.Network.Outbound;

/// <summary>
/// The IANA special-purpose address registries (RFC 6890) as one table. An IPv6 address that a translator or tunnel converts to an IPv4 address has the
/// category of that IPv4 address, so embedding cannot hide an address.
/// </summary>
public static class SpecialAddresses
{
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

    // The first match counts.
    private static readonly (IPNetwork Network, AddressKind Kind)[] Table =
    [
        Row("0.0.0.0/8", AddressKind.Unspecified),
        Row("10.0.0.0/8", AddressKind.Private),
        Row("100.64.0.0/10", AddressKind.Shared),
        Row("127.0.0.0/8", AddressKind.Loopback),
        Row("169.254.0.0/16", AddressKind.LinkLocal),
        Row("172.16.0.0/12", AddressKind.Private),
        Row("192.0.0.0/24", AddressKind.Reserved),
        Row("192.0.2.0/24", AddressKind.Documentation),
        Row("192.88.99.0/24", AddressKind.Reserved),
        Row("192.168.0.0/16", AddressKind.Private),
        Row("198.18.0.0/15", AddressKind.Benchmarking),
        Row("198.51.100.0/24", AddressKind.Documentation),
        Row("203.0.113.0/24", AddressKind.Documentation),
        Row("224.0.0.0/4", AddressKind.Multicast),
        Row("240.0.0.0/4", AddressKind.Reserved),

        Row("::/128", AddressKind.Unspecified),
        Row("::1/128", AddressKind.Loopback),
        Row("64:ff9b:1::/48", AddressKind.Private),
        Row("2001:2::/48", AddressKind.Benchmarking),
        Row("2001:db8::/32", AddressKind.Documentation),
        Row("2001::/23", AddressKind.Reserved),
        Row("3fff::/20", AddressKind.Documentation),
        Row("fc00::/7", AddressKind.Private),
        Row("fe80::/10", AddressKind.LinkLocal),
        Row("fec0::/10", AddressKind.Private),
        Row("ff00::/8", AddressKind.Multicast),
    ];

    /// <summary>The category of an address; never <see cref="AddressKind.Own"/>, which does not depend on the address alone.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var worst = AddressKind.Public;
        foreach (var part in EmbeddedAddresses(address))
        {
            if (OwnKindOf(part) is not AddressKind.Public and var kind) worst = kind;
        }

        return worst;
    }

    /// <summary>
    /// The addresses that a connection to this one may reach: the address without its zone, or the IPv4 addresses that it embeds (IPv4-mapped, NAT64 with
    /// the well-known prefix, 6to4, and both of Teredo).
    /// </summary>
    public static IReadOnlyList<IPAddress> EmbeddedAddresses(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return [address];
        var octets = address.GetAddressBytes();
        var bare = new IPAddress(octets);
        if (bare.IsIPv4MappedToIPv6 || Translated.Contains(bare)) return [Embedded(octets, 12)];
        if (SixToFour.Contains(bare)) return [Embedded(octets, 2)];
        return Teredo.Contains(bare) ? [Embedded(octets, 4), Embedded(Inverted(octets), 12)] : [bare];
    }

    private static AddressKind OwnKindOf(IPAddress address)
    {
        foreach (var (network, kind) in Table)
        {
            if (network.Contains(address)) return kind;
        }

        return address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address) ? AddressKind.Public : AddressKind.Reserved;
    }

    private static IPAddress Embedded(byte[] octets, int from) => new(octets.AsSpan(from, 4));

    // Teredo inverts the client's address so that NATs do not rewrite it.
    private static byte[] Inverted(byte[] octets) => [.. octets.Select(static o => (byte)~o)];

    private static (IPNetwork, AddressKind) Row(string network, AddressKind kind) => (IPNetwork.Parse(network), kind);
}
