using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Access;

/// <summary>A temporary or permanent ban of an IPv4 address, an IPv6 address, or an IPv6 /64 network.</summary>
/// <param name="Address">The banned address or network, normalised by <see cref="ClientNetwork.Of"/>.</param>
/// <param name="Since">Start of the ban.</param>
/// <param name="Until">End of the ban; <see cref="DateTimeOffset.MaxValue"/> for a permanent ban.</param>
/// <param name="Reason">Reason, shown to administrators.</param>
/// <param name="IsManual">True if an administrator created the ban; it then also applies to ports without sign-in (SMTP on port 25). Automatic bans apply only where passwords can be tried.</param>
public sealed record Ban(IPAddress Address, DateTimeOffset Since, DateTimeOffset Until, string Reason, bool IsManual)
{
    /// <summary>True while the ban is active. A temporary ban with a start far in the future was created by a wrong clock and is not active.</summary>
    public bool IsActiveAt(DateTimeOffset now) => Until == DateTimeOffset.MaxValue || !StoredTime.IsDue(Until, now, Until - Since);
}

/// <summary>Determines which addresses count as one client.</summary>
public static class ClientNetwork
{
    /// <summary>Returns the address itself, or the IPv6 /64 network that contains it, because one client usually controls a whole /64.</summary>
    public static IPAddress Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) return address;
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        octets[8..].Clear();
        return new IPAddress(octets);
    }

    /// <summary>Formats an address or network for administrators: <c>192.0.2.1</c> or <c>2001:db8::/64</c>.</summary>
    public static string Describe(IPAddress network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(network) ? $"{network}/64" : network.ToString();
    }
}

/// <summary>Ban lookup for listeners. Safe for use from any thread.</summary>
public interface IBanList
{
    /// <param name="address">The client's address.</param>
    /// <param name="signsIn">True if clients can authenticate on this port; other ports honour only manual bans.</param>
    bool IsBanned(IPAddress address, bool signsIn);
}

/// <summary>An empty ban list.</summary>
public sealed class EmptyBanList : IBanList
{
    public static EmptyBanList Instance { get; } = new();

    public bool IsBanned(IPAddress address, bool signsIn) => false;
}
