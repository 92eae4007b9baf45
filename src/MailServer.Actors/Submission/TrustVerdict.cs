using System.Buffers;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;

namespace MailServer.Actors.Submission;

/// <summary>The result of the authentication checks of one message.</summary>
/// <param name="Results">One result for each method, as in Authentication-Results.</param>
/// <param name="Refusal">Not null when the author domain's policy rejects the message, or (temporary) when DNS failed.</param>
/// <param name="QuarantineReason">Why the message goes to Junk; null if it does not.</param>
public sealed record TrustVerdict(IReadOnlyList<string> Results, SmtpReply? Refusal, string? QuarantineReason)
{
    /// <summary>The peer's host name, confirmed by forward lookup; null if there is none.</summary>
    public string? ReverseName { get; init; }

    /// <summary>The sender domain that passed SPF; null if none did.</summary>
    public string? SpfDomain { get; init; }

    /// <summary>The result of the ARC chain; null when it was not checked.</summary>
    public ArcResult? Arc { get; init; }

    /// <summary>Rows for aggregate reports to the owners of the author domains.</summary>
    public IReadOnlyList<DmarcObservation> Observations { get; init; } = [];

    public override string ToString() => string.Join("; ", Results);

    /// <summary>Writes the Authentication-Results field.</summary>
    public void Write(IBufferWriter<byte> output, string hostname) => Encoding.ASCII.GetBytes(AuthenticationResultsWriter.FormatField(hostname, Results), output);
}
