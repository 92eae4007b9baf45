using System.Globalization;
using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Submission;
using MailServer.Domain.Messages;
using MailServer.Protocol.Scheduling;

namespace MailServer.Actors.Scheduling;

/// <summary>
/// Passes invitations, replies and cancellations received by mail to the calendars (RFC 6047), only if the author is authenticated: DMARC passed, or one of
/// our accounts sent it and its From field was checked. The calendars compare the author with the organizer or attendee.
/// </summary>
internal sealed class InvitationHandler(ICanTell collections) : IDeliveredMessageHandler
{
    public bool Wants(DeliveredMessage message) => InvitationMail.MayBeIn(message.Spooled.Summary.BodyStructure.Span) && IsAuthentic(message);

    public void Read(DeliveredMessage message, MessageContent content)
    {
        if (InvitationMail.Read(content) is not { } found) return;
        foreach (var account in message.Recipients.Keys)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"mail-{message.Spooled.Id.Value}");
            collections.Tell(new CollectionProtocol.ReceiveScheduling(account, found.From, found.Body, key), ActorRefs.NoSender);
        }
    }

    private static bool IsAuthentic(DeliveredMessage message) =>
        message.Verdict is { QuarantineReason: null } verdict ? PassedDmarc(verdict.Results) : message.Verdict is null && message.Transaction.Account is not null;

    /// <summary>There is one result for each domain in From; if there are several, none counts.</summary>
    private static bool PassedDmarc(IReadOnlyList<string> results) =>
        results.Where(r => r.StartsWith("dmarc=", StringComparison.Ordinal)).ToArray() is [var only] && only.StartsWith("dmarc=pass", StringComparison.Ordinal);
}
