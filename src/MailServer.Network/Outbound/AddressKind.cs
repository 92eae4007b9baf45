namespace MailServer.Network.Outbound;

/// <summary>What the special-purpose address registries say about an address (RFC 6890).</summary>
public enum AddressKind
{
    /// <summary>A unicast address of the Internet.</summary>
    Public,

    /// <summary><c>0.0.0.0/8</c> and <c>::</c>: connecting to one reaches this machine.</summary>
    Unspecified,

    Loopback,

    LinkLocal,

    /// <summary>Private networks (RFC 1918), unique local and site-local IPv6 addresses.</summary>
    Private,

    /// <summary>Behind the NAT of a provider (RFC 6598).</summary>
    Shared,

    /// <summary>For examples in documents (RFC 5737, RFC 3849, RFC 9637).</summary>
    Documentation,

    /// <summary>For measuring network devices (RFC 2544, RFC 5180).</summary>
    Benchmarking,

    Multicast,

    /// <summary>For protocols, for the future, or no longer in use.</summary>
    Reserved,

    /// <summary>This server's own, whatever it is otherwise.</summary>
    Own,
}
