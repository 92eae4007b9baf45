namespace MailServer.Protocol.ContentLines;

/// <summary>Limits on one iCalendar or vCard text. Sizes are in octets.</summary>
public sealed record ContentLineLimits
{
    /// <summary>The size of the whole text.</summary>
    public int MaxText { get; init; } = 10 * 1024 * 1024;

    /// <summary>The size of one content line with its folds. A photo or an attachment is one line.</summary>
    public int MaxLine { get; init; } = 10 * 1024 * 1024;

    /// <summary>The number of unfolded lines.</summary>
    public int MaxLines { get; init; } = 100_000;

    /// <summary>The number of parameters of one line, and of values of one parameter.</summary>
    public int MaxParameters { get; init; } = 200;

    /// <summary>The nesting depth of components.</summary>
    public int MaxNesting { get; init; } = 8;
}
