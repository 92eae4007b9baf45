namespace MailServer.Domain.Sessions;

/// <summary>TLS parameters of a connection for Received fields, session lists and logs: <c>TLSv1.3</c>, <c>TLS_AES_256_GCM_SHA384</c>, and the SNI name if sent.</summary>
public record TlsInfo(string Protocol, string CipherSuite, string? ServerName);

/// <summary>TLS parameters of a connection to which a sign-in can be bound. The bindings do not leave the node.</summary>
public sealed record BindableTlsInfo(string Protocol, string CipherSuite, string? ServerName, TlsBindings Bindings) : TlsInfo(Protocol, CipherSuite, ServerName);
