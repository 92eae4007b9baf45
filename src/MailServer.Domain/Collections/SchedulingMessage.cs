using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>A queued scheduling message (iTIP), durable together with the change that caused it.</summary>
/// <param name="Id">Id within the account; 0 before the message is queued.</param>
/// <param name="Method">The iTIP METHOD: REQUEST, REPLY or CANCEL.</param>
/// <param name="Sender">Address of the sender.</param>
/// <param name="Recipient">Address of the recipient.</param>
/// <param name="Uid">UID of the calendar object.</param>
/// <param name="Body">The VCALENDAR object.</param>
/// <param name="Created">Creation time; limits how long delivery is retried.</param>
public sealed record SchedulingMessage(
    long Id, string Method, EmailAddress Sender, EmailAddress Recipient, string Uid, ReadOnlyMemory<byte> Body, DateTimeOffset Created);
