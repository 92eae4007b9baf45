using System.Buffers;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;

namespace MailServer.Actors.Submission;

/// <summary>What the checks of one message came to.</summary>
/// <param name="Results">A method each, as Authentication-Results has them.</param>
/// <param name="Refusal">Not null: the author's domain wants such mail refused, or (transient) DNS did not let that be told.</param>
/// <param name="QuarantineReason">Not null: it belongs into Junk, and why.</param>
public sealed record TrustVerdict(IReadOnlyList<string> Results, SmtpReply? Refusal, string? QuarantineReason)
{
    /// <summary>The name of the peer that leads back to its address; null without one.</summary>
    public string? ReverseName { get; init; }

    /// <summary>The domain that SPF has proved the sender to be of; null when it has not.</summary>
    public string? SpfDomain { get; init; }

    /// <summary>What the ARC chain came to; null when it was not looked at.</summary>
    public ArcResult? Arc { get; init; }

    /// <summary>What the owners of the authors' domains may be told.</summary>
    public IReadOnlyList<DmarcObservation> Observations { get; init; } = [];

    public override string ToString() => string.Join("; ", Results);

    /// <summary>The field that tells the verdict to those who read the message.</summary>
    public void Write(IBufferWriter<byte> output, string hostname) => Encoding.ASCII.GetBytes(ResultTexts.Field(hostname, Results), output);
}
