using System.Net;
using System.Net.Sockets;

namespace MailServer.Actors.Trust;

/// <summary>The network that one holder typically controls: a /24 for IPv4, a /64 for IPv6.</summary>
internal static class NetworkKey
{
    private const int Kept4 = 3;
    private const int Kept6 = 8;

    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var octets = address.GetAddressBytes();
        var isIp4 = address.AddressFamily == AddressFamily.InterNetwork;
        octets.AsSpan(isIp4 ? Kept4 : Kept6).Clear();
        return $"{new IPAddress(octets)}/{(isIp4 ? 24 : 64)}";
    }
}
