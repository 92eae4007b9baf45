using System.Globalization;
using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Submission;
using MailServer.Domain.Messages;
using MailServer.Protocol.Scheduling;

namespace MailServer.Actors.Scheduling;

/// <summary>
/// Gives invitations, answers and cancellations that came as mail to the calendars (RFC 6047). Only where the author is who the mail says: DMARC has
/// passed, or an account of ours wrote it and From was checked. The calendars compare the author with the organizer or attendee.
/// </summary>
internal sealed class InvitationReader(ICanTell collections) : IDeliveredMessageReader
{
    public bool Wants(DeliveredMessage message) => InvitationMail.MayBeIn(message.Spooled.Summary.BodyStructure.Span) && IsAuthentic(message);

    public void Read(DeliveredMessage message, MessageContent content)
    {
        if (InvitationMail.Read(content) is not { } found) return;
        foreach (var account in message.Recipients.Keys)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"mail-{message.Spooled.Id.Value}");
            collections.Tell(new CollectionProtocol.Receive(account, found.From, found.Body, key), ActorRefs.NoSender);
        }
    }

    private static bool IsAuthentic(DeliveredMessage message) =>
        message.Verdict is { QuarantineReason: null } verdict ? PassedDmarc(verdict.Results) : message.Verdict is null && message.Transaction.Account is not null;

    /// <summary>There is one result for each domain in From; with several, none counts.</summary>
    private static bool PassedDmarc(IReadOnlyList<string> results) =>
        results.Where(r => r.StartsWith("dmarc=", StringComparison.Ordinal)).ToArray() is [var only] && only.StartsWith("dmarc=pass", StringComparison.Ordinal);
}
