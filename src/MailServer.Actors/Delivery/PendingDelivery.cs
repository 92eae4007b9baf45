using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Delivery;

/// <summary>A message that a worker is delivering.</summary>
internal sealed class PendingDelivery(PreparedMessage prepared, SpooledMessage message, DeliveryPlan plan)
{
    public IActorRef Client => prepared.Client;

    public PreparedMessage Prepared => prepared;

    public SpooledMessage Message => message;

    public MailTransaction Transaction => prepared.Accept.Transaction;

    public DeliveryPlan Plan => plan;

    /// <summary>Length of the Return-Path field, which is for mailboxes only.</summary>
    public required int Skip { get; init; }

    public required bool IsSigned { get; init; }

    /// <summary>The item sent to the queue; null before that.</summary>
    public QueueItem? Item { get; set; }

    /// <summary>When mailboxes or queue were last given the message, as a timestamp of the clock.</summary>
    public long Since { get; set; }
}
