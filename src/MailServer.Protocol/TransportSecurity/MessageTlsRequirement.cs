namespace MailServer.Protocol.TransportSecurity;

/// <summary>The TLS requirement of a message (RFC 8689).</summary>
public enum MessageTlsRequirement
{
    /// <summary>None: the policy of the recipients' domain applies.</summary>
    AsPolicy,

    /// <summary>REQUIRETLS: only authenticated hosts that promise the same for the next hop.</summary>
    Verified,

    /// <summary><c>TLS-Required: No</c>: delivery takes precedence over security; policies of the recipients' domain are ignored.</summary>
    Optional,
}
