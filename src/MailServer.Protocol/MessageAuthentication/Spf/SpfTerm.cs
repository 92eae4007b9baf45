using System.Net;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>The mechanisms of RFC 7208 §5.</summary>
internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>One directive of a record.</summary>
/// <param name="Text">The term as written.</param>
/// <param name="Result">The result of a match.</param>
/// <param name="Mechanism">The mechanism.</param>
/// <param name="Target">The domain-spec with its macros; null for the current domain.</param>
/// <param name="Network">The network of ip4 and ip6.</param>
/// <param name="Prefix4">The significant leading bits of IPv4 addresses.</param>
/// <param name="Prefix6">The significant leading bits of IPv6 addresses.</param>
internal sealed record SpfTerm(
    string Text, SpfResult Result, SpfMechanism Mechanism, string? Target, IPAddress? Network, int Prefix4, int Prefix6)
{
    /// <summary>Whether the term counts towards the ten DNS lookups of RFC 7208 §4.6.4.</summary>
    public bool NeedsLookup => Mechanism is not (SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6);

    /// <summary>Whether two addresses of the same family share the leading bits.</summary>
    public bool Covers(IPAddress network, IPAddress address)
    {
        if (network.AddressFamily != address.AddressFamily) return false;
        var a = network.GetAddressBytes();
        var b = address.GetAddressBytes();
        var bits = a.Length == 4 ? Prefix4 : Prefix6;
        for (var i = 0; bits > 0; i++, bits -= 8)
        {
            var mask = bits >= 8 ? 0xFF : 0xFF << (8 - bits);
            if (((a[i] ^ b[i]) & mask) != 0) return false;
        }

        return true;
    }
}
