using System.Buffers;
using System.Text;
using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Headers;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Delivery;

/// <summary>A message with its resolved destinations, or its refusal.</summary>
internal sealed record PreparedMessage(
    DeliveryProtocol.Accept Accept, IActorRef Client, ResolvedRecipients Destinations, SmtpReply? Refusal, SubmissionHeaders? Fields, TrustVerdict? Verdict)
    : INoSerializationVerificationNeeded
{
    /// <summary>The envelope sender for copies to other hosts; null is <c>&lt;&gt;</c>.</summary>
    public EmailAddress? Sender { get; init; } = Accept.Transaction.Sender;

    /// <summary>The block list entry that makes the message suspect; null if there is none.</summary>
    public string? BlockListReason { get; init; }

    /// <summary>What happens at the mailing lists among the recipients.</summary>
    public IReadOnlyList<ListPost> Posts { get; init; } = [];

    /// <summary>Why the message goes to Junk; null if it does not.</summary>
    public string? QuarantineReason => Verdict?.QuarantineReason ?? BlockListReason;

    /// <summary>True if the envelope sender is known to be the sender: an account of ours, or an address whose domain authorised the client or signed the message.</summary>
    public bool MayTellSender => Accept.Transaction is { Sender: not null } transaction
        && (transaction.Policy == SessionPolicy.Submission || Verdict?.SpfDomain is not null || Verdict?.Results.Any(static r => r.StartsWith("dmarc=pass", StringComparison.Ordinal)) == true);

    /// <summary>Writes the header fields with the authentication results.</summary>
    public void WriteVerdict(IBufferWriter<byte> output, string hostname)
    {
        Verdict?.Write(output, hostname);
        if (QuarantineReason is { } reason) Encoding.ASCII.GetBytes($"X-Quarantine-Reason: {reason}\r\n", output);
    }

    /// <summary>Replaces the header section of the given length. This must be the last step, because it disposes the old content.</summary>
    public PreparedMessage WithHeader(byte[] header, int oldLength, MessageSpool spool) =>
        this with { Accept = Accept with { Content = HeaderReplacement.Make(spool, Accept.Content, header, oldLength) } };
}
