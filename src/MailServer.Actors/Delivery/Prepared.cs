using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Trace;

namespace MailServer.Actors.Delivery;

/// <summary>A message of which is known where it goes, or why it is refused.</summary>
internal sealed record Prepared(
    DeliveryProtocol.Accept Accept, IActorRef Client, Destinations Destinations, SmtpReply? Refusal, SubmissionHeaders? Fields)
    : INoSerializationVerificationNeeded;
