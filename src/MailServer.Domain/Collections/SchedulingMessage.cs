using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>A scheduling message that waits to be sent: durable with the change that it tells of.</summary>
/// <param name="Id">Its number in the account; 0 before it has one.</param>
/// <param name="Method">The METHOD of iTIP: REQUEST, REPLY or CANCEL.</param>
/// <param name="Sender">Whose it is.</param>
/// <param name="Recipient">Whom it is for.</param>
/// <param name="Uid">Which object it is about.</param>
/// <param name="Body">The VCALENDAR.</param>
/// <param name="Created">When it was made: nobody tries for ever.</param>
public sealed record SchedulingMessage(
    long Id, string Method, EmailAddress Sender, EmailAddress Recipient, string Uid, ReadOnlyMemory<byte> Body, DateTimeOffset Created);
