namespace MailServer.Configuration;

/// <summary>Section <c>reports</c>.</summary>
public sealed record ReportsOptions
{
    [Key("Send DMARC aggregate reports to domains that request them.")]
    public bool Dmarc { get; init; } = true;

    [Key("Send TLS reports to domains that request them.")]
    public bool Tls { get; init; } = true;

    [Key(
        "The sender of reports. Default: postmaster of the hosted domain that `server.hostname` belongs to.",
        Value = nameof(ConfigurationValues.Email), Example = "postmaster@example.org")]
    public string? From { get; init; }

    [Key("When the reports of a day are sent: this long after midnight UTC.")]
    public TimeSpan SendAfter { get; init; } = TimeSpan.FromMinutes(30);

    [Key("The period over which sending is spread.")]
    public TimeSpan SendSpread { get; init; } = TimeSpan.FromHours(4);

    [Key("How long sent and received reports are kept.")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    [Key(
        "Additional addresses at which reports from others are received, besides `dmarc-reports@`, `tls-reports@` and `postmaster@` of each domain. Without an account or alias of that name, mail to the first two goes to `postmaster`.",
        Value = nameof(ConfigurationValues.Email))]
    public IReadOnlyList<string> ReceiveAt { get; init; } = [];
}
