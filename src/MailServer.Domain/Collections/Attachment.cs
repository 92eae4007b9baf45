namespace MailServer.Domain.Collections;

/// <summary>A file that the server keeps for calendar objects (RFC 8607).</summary>
/// <param name="Id">Its MANAGED-ID, never used twice.</param>
/// <param name="ContentType">As the client said.</param>
/// <param name="FileName">As the client said; empty when it did not.</param>
/// <param name="Body">Its octets.</param>
public sealed record Attachment(string Id, string ContentType, string FileName, ReadOnlyMemory<byte> Body);
