namespace MailServer.Protocol.TransportSecurity;

/// <summary>What a message asks of TLS on its way (RFC 8689).</summary>
public enum TlsWish
{
    /// <summary>Nothing: what the recipients' domain asks for holds.</summary>
    AsPolicy,

    /// <summary>REQUIRETLS: only hosts that prove who they are, and that promise the same for the rest of the way.</summary>
    Verified,

    /// <summary><c>TLS-Required: No</c>: it had better arrive than be safe, and no policy of the recipients' domain holds it up.</summary>
    Optional,
}
