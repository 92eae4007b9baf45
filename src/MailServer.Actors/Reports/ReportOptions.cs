using MailServer.Domain.Addresses;

namespace MailServer.Actors.Reports;

/// <summary>Section <c>reports</c>: what is reported to others, and where others report to.</summary>
public sealed record ReportOptions
{
    /// <summary>Domain owners are told how mail in their name fared.</summary>
    public required bool Dmarc { get; init; }

    /// <summary>Domain owners are told how TLS to their hosts went.</summary>
    public required bool Tls { get; init; }

    /// <summary>Who reports; null: the postmaster of the host's domain.</summary>
    public required EmailAddress? From { get; init; }

    /// <summary>The reports of a day go no earlier than this after its end (UTC).</summary>
    public required TimeSpan SendAfter { get; init; }

    /// <summary>And within this time from then on, each domain at a moment of its own.</summary>
    public required TimeSpan SendSpread { get; init; }

    /// <summary>How long received and sent reports are remembered.</summary>
    public required TimeSpan Keep { get; init; }

    /// <summary>Addresses to which others send reports, beside <c>dmarc-reports</c>, <c>tls-reports</c> and <c>postmaster</c> of every domain.</summary>
    public required IReadOnlyList<EmailAddress> ReceiveAt { get; init; }
}
