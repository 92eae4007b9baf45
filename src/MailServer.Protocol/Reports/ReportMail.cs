using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>An outgoing report: its sender, its subject domain, and the compressed document.</summary>
public sealed record ReportMail
{
    public required ReportKind Kind { get; init; }

    /// <summary>The domain that the report is about.</summary>
    public required string Domain { get; init; }

    public required EmailAddress From { get; init; }

    public required string ReportId { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>The document, compressed with gzip.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>The reporting domain.</summary>
    public string Submitter => From.Domain;

    /// <summary>The file name (RFC 9990 §3.5.2, RFC 8460 §5.1). A report that is sent again has the same name.</summary>
    public string FileName => string.Create(
        CultureInfo.InvariantCulture,
        $"{Submitter}!{Domain}!{Begin.ToUnixTimeSeconds()}!{End.ToUnixTimeSeconds()}.{(Kind == ReportKind.Dmarc ? "xml" : "json")}.gz");

    /// <summary>A Report-ID that is unique among our reports to the domain (RFC 9990 §3.5.1).</summary>
    public static string IdFor(string domain, DateTimeOffset begin, DateTimeOffset end, string submitter) =>
        string.Create(CultureInfo.InvariantCulture, $"{begin.ToUnixTimeSeconds()}.{end.ToUnixTimeSeconds()}.{domain}@{submitter}");
}
