namespace MailServer.Network.Outbound;

/// <summary>The category of an address in the special-purpose address registries (RFC 6890).</summary>
public enum AddressKind
{
    /// <summary>A globally reachable unicast address.</summary>
    Public,

    /// <summary><c>0.0.0.0/8</c> and <c>::</c>: connections reach this machine.</summary>
    Unspecified,

    Loopback,

    LinkLocal,

    /// <summary>Private networks: <c>10.0.0.0/8</c> and the like, unique local and site-local IPv6 addresses.</summary>
    Private,

    /// <summary>Carrier-grade NAT.</summary>
    Shared,

    /// <summary>For documentation.</summary>
    Documentation,

    /// <summary>For benchmarking network devices.</summary>
    Benchmarking,

    Multicast,

    /// <summary>Protocol assignments, future use, or deprecated.</summary>
    Reserved,

    /// <summary>An address of this server, whatever its category.</summary>
    Own,
}
