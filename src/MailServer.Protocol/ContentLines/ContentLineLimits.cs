namespace MailServer.Protocol.ContentLines;

/// <summary>Bounds on one iCalendar or vCard text. Sizes are octets.</summary>
public sealed record ContentLineLimits
{
    /// <summary>The whole text.</summary>
    public int MaxText { get; init; } = 10 * 1024 * 1024;

    /// <summary>One content line with its folding: a photo or an attachment may be one line.</summary>
    public int MaxLine { get; init; } = 10 * 1024 * 1024;

    /// <summary>Unfolded lines.</summary>
    public int MaxLines { get; init; } = 100_000;

    /// <summary>Parameters of one line, and values of one parameter.</summary>
    public int MaxParameters { get; init; } = 200;

    /// <summary>Components in components.</summary>
    public int MaxNesting { get; init; } = 8;
}
