using MailServer.Domain.Addresses;

namespace MailServer.Actors.Reports;

/// <summary>Section <c>reports</c>: sending and receiving aggregate reports.</summary>
public sealed record ReportOptions
{
    /// <summary>Whether to send DMARC reports to domain owners.</summary>
    public required bool Dmarc { get; init; }

    /// <summary>Whether to send TLS reports to domain owners.</summary>
    public required bool Tls { get; init; }

    /// <summary>Sender of the reports; null: the postmaster of the host's domain.</summary>
    public required EmailAddress? From { get; init; }

    /// <summary>Minimum time between the end of a day (UTC) and its reports.</summary>
    public required TimeSpan SendAfter { get; init; }

    /// <summary>Reports are sent within this time after <see cref="SendAfter"/>, each domain at a different moment.</summary>
    public required TimeSpan SendSpread { get; init; }

    /// <summary>How long sent and received reports are kept.</summary>
    public required TimeSpan Keep { get; init; }

    /// <summary>Addresses that receive reports, in addition to <c>dmarc-reports</c>, <c>tls-reports</c> and <c>postmaster</c> of every domain.</summary>
    public required IReadOnlyList<EmailAddress> ReceiveAt { get; init; }
}
