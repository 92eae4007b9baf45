using System.Buffers;
using System.Text;
using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Trace;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Delivery;

/// <summary>A message of which is known where it goes, or why it is refused.</summary>
internal sealed record Prepared(
    DeliveryProtocol.Accept Accept, IActorRef Client, Destinations Destinations, SmtpReply? Refusal, SubmissionHeaders? Fields, TrustVerdict? Verdict)
    : INoSerializationVerificationNeeded
{
    /// <summary>The reverse-path under which it goes to other hosts; null is <c>&lt;&gt;</c>.</summary>
    public EmailAddress? Sender { get; init; } = Accept.Transaction.Sender;

    /// <summary>Not null: a block list makes it suspect.</summary>
    public string? Suspicion { get; init; }

    /// <summary>Not null: it belongs into Junk, and why.</summary>
    public string? QuarantineReason => Verdict?.QuarantineReason ?? Suspicion;

    /// <summary>The fields that tell those who read the message what was found.</summary>
    public void WriteVerdict(IBufferWriter<byte> output, string hostname)
    {
        Verdict?.Write(output, hostname);
        if (QuarantineReason is { } reason) Encoding.ASCII.GetBytes($"X-Quarantine-Reason: {reason}\r\n", output);
    }

    /// <summary>With a header section in the place of the one of that length: the last step, for the old content is gone then.</summary>
    public Prepared WithHeader(byte[] header, int oldLength, Spool spool) =>
        this with { Accept = Accept with { Content = HeaderReplacement.Make(spool, Accept.Content, header, oldLength) } };
}
