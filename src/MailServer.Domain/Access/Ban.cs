using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Access;

/// <summary>An address, or an IPv6 network of 64 bits, that is kept out for a while.</summary>
/// <param name="Address">What is kept out, as <see cref="ClientNetwork.Of"/> has it.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ends; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
/// <param name="Reason">Why, for the administrator.</param>
/// <param name="ByHand">Put there by the administrator: it may not deliver mail either. Who guesses passwords may still do that.</param>
public sealed record Ban(IPAddress Address, DateTimeOffset Since, DateTimeOffset Until, string Reason, bool ByHand)
{
    /// <summary>Whether it keeps out now. One that a wrong clock began years ahead does not, unless it is for ever.</summary>
    public bool HoldsAt(DateTimeOffset now) => Until == DateTimeOffset.MaxValue || !StoredTime.IsDue(Until, now, Until - Since);
}

/// <summary>Whose connections count as one client's.</summary>
public static class ClientNetwork
{
    /// <summary>The address itself, or the IPv6 network of 64 bits that it lies in: whoever has one address of that has the whole of it.</summary>
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

    /// <summary>How the administrator reads it: <c>192.0.2.1</c>, or <c>2001:db8::/64</c>.</summary>
    public static string Describe(IPAddress network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(network) ? $"{network}/64" : network.ToString();
    }
}

/// <summary>Who is kept out, as a listener asks. Any thread may ask.</summary>
public interface IBans
{
    /// <param name="address">The client's address.</param>
    /// <param name="signsIn">Passwords can be tried on this port; on the others only bans by hand count.</param>
    bool IsBanned(IPAddress address, bool signsIn);
}

/// <summary>Nobody is kept out.</summary>
public sealed class NoBans : IBans
{
    public static NoBans Instance { get; } = new();

    public bool IsBanned(IPAddress address, bool signsIn) => false;
}
