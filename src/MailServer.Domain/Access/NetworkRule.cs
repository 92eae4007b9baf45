using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Access;

/// <summary>A rule of an administrator for a whole network: it is banned, or it is never banned.</summary>
/// <param name="Network">The network.</param>
/// <param name="IsAllowed">True if clients in it are never banned; false if they are banned from every port.</param>
/// <param name="Since">When the rule was made.</param>
/// <param name="Until">When a ban ends; <see cref="DateTimeOffset.MaxValue"/> if it does not.</param>
/// <param name="Reason">The reason, shown to administrators.</param>
public sealed record NetworkRule(IPNetwork Network, bool IsAllowed, DateTimeOffset Since, DateTimeOffset Until, string Reason)
{
    /// <summary>True while the rule applies. A temporary ban with a start far in the future was made by a wrong clock and does not.</summary>
    public bool IsActiveAt(DateTimeOffset now) => Until == DateTimeOffset.MaxValue || !StoredTime.IsDue(Until, now, Until - Since);
}

/// <summary>Reads and writes the networks that administrators ban or allow.</summary>
public static class NetworkText
{
    private const int ShortestIPv4 = 8;
    private const int ShortestIPv6 = 16;
    private const int ClientIPv6 = 64;

    /// <summary>What a text must be, for error messages.</summary>
    public const string Allowed = "an IP address or a network such as 192.0.2.0/24 or 2001:db8::/48";

    /// <summary>
    /// Reads an address or a network with its prefix length. An IPv6 address stands for its /64, as everywhere in bans. Bits behind the prefix are ignored. Networks that are wider than /8 (IPv4)
    /// or /16 (IPv6) are refused: with one mistake they would keep out everybody, or switch off all bans.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPNetwork? network)
    {
        ArgumentNullException.ThrowIfNull(text);
        network = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) return false;
        // Other forms, such as 10.1, octal and hexadecimal numbers, are likely mistakes.
        if (address.AddressFamily == AddressFamily.InterNetwork && !(slash < 0 ? text.AsSpan() : text.AsSpan(0, slash)).SequenceEqual(address.ToString())) return false;
        if (address.IsIPv4MappedToIPv6)
        {
            if (slash >= 0) return false;
            address = address.MapToIPv4();
        }

        var bits = address.GetAddressBytes().Length * 8;
        var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var prefix = isIPv6 && !IPAddress.IsLoopback(address) ? ClientIPv6 : bits;
        if (slash >= 0 && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)) return false;
        if (prefix < (isIPv6 ? ShortestIPv6 : ShortestIPv4) || prefix > bits) return false;
        network = new IPNetwork(Mask(address, prefix), prefix);
        return true;
    }

    /// <summary>True if bans treat the network as one client: an IPv4 address, or an IPv6 /64 network.</summary>
    public static bool IsOneClient(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
        ? network.PrefixLength == 32
        : network.PrefixLength >= ClientIPv6;

    /// <summary>The text of a network; of a single address without the length.</summary>
    public static string Describe(IPNetwork network) => network.PrefixLength == network.BaseAddress.GetAddressBytes().Length * 8 ? network.BaseAddress.ToString() : network.ToString();

    private static IPAddress Mask(IPAddress address, int prefix)
    {
        var octets = address.GetAddressBytes();
        for (var i = 0; i < octets.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            octets[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(octets);
    }
}
