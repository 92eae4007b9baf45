namespace MailServer.Domain.Sessions;

/// <summary>TLS parameters of a connection for Received fields, session lists and logs: <c>TLSv1.3</c>, <c>TLS_AES_256_GCM_SHA384</c>, and the SNI name if sent.</summary>
public sealed record TlsInfo(string Protocol, string CipherSuite, string? ServerName)
{
    /// <summary>What a sign-in can be bound to; null if nothing, or if that is not wanted. Stays on the node.</summary>
    public TlsBindings? Bindings { get; init; }
}
