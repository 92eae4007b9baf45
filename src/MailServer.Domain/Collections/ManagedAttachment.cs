namespace MailServer.Domain.Collections;

/// <summary>A managed attachment of calendar objects (RFC 8607).</summary>
/// <param name="Id">The MANAGED-ID, never reused.</param>
/// <param name="ContentType">Content type given by the client.</param>
/// <param name="FileName">File name given by the client; empty if none was given.</param>
/// <param name="Body">The content.</param>
public sealed record ManagedAttachment(string Id, string ContentType, string FileName, ReadOnlyMemory<byte> Body);
