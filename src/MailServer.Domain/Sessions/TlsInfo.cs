namespace MailServer.Domain.Sessions;

/// <summary>The TLS of one connection, for Received fields, session lists and logs: <c>TLSv1.3</c>, <c>TLS_AES_256_GCM_SHA384</c>, the SNI name if one was sent.</summary>
public sealed record TlsInfo(string Protocol, string CipherSuite, string? ServerName);
