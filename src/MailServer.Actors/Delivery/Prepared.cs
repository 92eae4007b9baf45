using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Trace;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Delivery;

/// <summary>A message of which is known where it goes, or why it is refused.</summary>
internal sealed record Prepared(
    DeliveryProtocol.Accept Accept, IActorRef Client, Destinations Destinations, SmtpReply? Refusal, SubmissionHeaders? Fields, TrustVerdict? Verdict)
    : INoSerializationVerificationNeeded
{
    /// <summary>What the sender wrote in our name is taken out of the content.</summary>
    public Prepared With(TrustVerdict? verdict, Spool spool) => verdict is null ? this : this with
    {
        Verdict = verdict,
        Refusal = verdict.Refusal,
        Accept = verdict.CleanHeader is { } header ? Accept with { Content = HeaderReplacement.Make(spool, Accept.Content, header, verdict.HeaderLength) } : Accept,
    };
}
