using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace MailServer.Network.Outbound;

/// <summary>
/// Decides which IP addresses the server may connect to when somebody else chose the host: a push subscription, a DNS record, the domain of a
/// recipient. It refuses the addresses of this machine and those outside the public internet (RFC 6890), so that nobody reaches through the
/// server what they cannot reach themselves. Ask it about the resolved addresses, and connect to exactly those it returns.
/// </summary>
public sealed class AddressPolicy
{
    private readonly Func<IEnumerable<IPAddress>>? _ownAddresses;

    internal AddressPolicy(Func<IEnumerable<IPAddress>>? ownAddresses) => _ownAddresses = ownAddresses;

    /// <summary>Public addresses of other machines only.</summary>
    public static AddressPolicy PublicOnly { get; } = new(OwnAddresses);

    /// <summary>Any address: for hosts that the administrator configured, and where private hosts are allowed.</summary>
    public static AddressPolicy Any { get; } = new(ownAddresses: null);

    public static AddressPolicy For(bool allowPrivate) => allowPrivate ? Any : PublicOnly;

    public bool Allows(IPAddress address) => Filter([address]).Count > 0;

    /// <summary>The addresses that may be connected to, in the given order.</summary>
    public IReadOnlyList<IPAddress> Filter(IEnumerable<IPAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (_ownAddresses is null) return [.. addresses];
        // Interfaces change while the server runs, so they are read for each decision.
        var own = _ownAddresses().Select(Plain).ToHashSet();
        return [.. addresses.Where(a => IsPublic(a) && !own.Contains(Plain(a)))];
    }

    /// <summary>
    /// False for addresses that RFC 6890 §2.2 and its registries reserve for this machine, for private networks, or for no host at all. Documentation
    /// ranges count as public: they lead nowhere. An IPv6 address that stands for an IPv4 address is judged by that.
    /// </summary>
    public static bool IsPublic(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.AddressFamily == AddressFamily.InterNetwork && IsPublicIPv4(address.GetAddressBytes());
        var octets = address.GetAddressBytes();
        if (EmbeddedIPv4(octets) is { } embedded) return IsPublicIPv4(embedded);
        // Global unicast is 2000::/3. Its 2001::/23 is reserved for protocols, Teredo among them.
        return octets is [>= 0x20 and < 0x40, ..] and not [0x20, 0x01, 0x00 or 0x01, ..];
    }

    private static bool IsPublicIPv4(ReadOnlySpan<byte> octets) => octets is not (
        [0 or 10 or 127 or >= 224, ..]
        or [100, >= 64 and < 128, ..]
        or [169, 254, ..]
        or [172, >= 16 and < 32, ..]
        or [192, 168, ..]
        or [192, 0, 0, _]
        or [192, 88, 99, _]
        or [198, 18 or 19, ..]);

    /// <summary>Of IPv4-mapped, IPv4-compatible, NAT64 (64:ff9b::/96) and 6to4 (2002::/16) addresses.</summary>
    private static byte[]? EmbeddedIPv4(byte[] octets) => octets switch
    {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ..] or [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ..] => octets[12..],
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ..] => octets[12..],
        [0x20, 0x02, ..] => octets[2..6],
        _ => null,
    };

    private static IPAddress Plain(IPAddress address)
    {
        var octets = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(EmbeddedIPv4(octets) ?? octets) : address;
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(static i => i.GetIPProperties().UnicastAddresses).Select(static a => a.Address);
}
