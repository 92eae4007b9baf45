namespace MailServer.Actors.Reports;

/// <summary>Dependencies and settings for reports, composed by the executable.</summary>
public sealed record ReportSettings
{
    public required ReportOptions Options { get; init; }

    /// <summary>The path of <c>reports.db</c>.</summary>
    public required string StorePath { get; init; }

    /// <summary>Name and version, included in our reports.</summary>
    public required string Generator { get; init; }

    /// <summary>Buffer for the observations of sessions and the queue.</summary>
    public required ReportLog Log { get; init; }

    /// <summary>Posts a document with a media type to a URI; returns null on success, otherwise the reason for the failure.</summary>
    public required Func<Uri, string, ReadOnlyMemory<byte>, CancellationToken, Task<string?>> Upload { get; init; }
}
