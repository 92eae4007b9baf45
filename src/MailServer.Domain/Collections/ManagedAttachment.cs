using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>A managed attachment of calendar objects (RFC 8607).</summary>
/// <param name="Id">The MANAGED-ID, never reused.</param>
/// <param name="ContentType">Content type given by the client.</param>
/// <param name="FileName">File name given by the client; empty if none was given.</param>
/// <param name="Body">The content.</param>
public sealed record ManagedAttachment(string Id, string ContentType, string FileName, ReadOnlyMemory<byte> Body);

/// <summary>A calendar object that refers to a managed attachment.</summary>
/// <param name="Uid">The UID of the object.</param>
/// <param name="Attendees">The attendees of the instances that have the attachment.</param>
public sealed record AttachmentUse(string Uid, IReadOnlyList<EmailAddress> Attendees);
