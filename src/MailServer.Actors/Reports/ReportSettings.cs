namespace MailServer.Actors.Reports;

/// <summary>What the reports of a node are made of; composed by the executable.</summary>
public sealed record ReportSettings
{
    public required ReportOptions Options { get; init; }

    /// <summary>The file <c>reports.db</c>.</summary>
    public required string StorePath { get; init; }

    /// <summary>Name and version, for those who read our reports.</summary>
    public required string Generator { get; init; }

    /// <summary>Where sessions and the queue note what they see.</summary>
    public required ReportLog Log { get; init; }

    /// <summary>Posts a document of a media type to a URI; null when it was taken, else why not.</summary>
    public required Func<Uri, string, ReadOnlyMemory<byte>, CancellationToken, Task<string?>> Upload { get; init; }
}
