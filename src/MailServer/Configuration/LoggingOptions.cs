namespace MailServer.Configuration;

/// <summary>The minimum level of logged events.</summary>
public enum LogLevelOption
{
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>The format of log lines.</summary>
public enum LogFormat
{
    Text,
    Json,
}

/// <summary>Section <c>logging</c>.</summary>
public sealed record LoggingOptions
{
    public LogLevelOption Level { get; init; } = LogLevelOption.Info;

    public LogFormat Format { get; init; } = LogFormat.Text;

    /// <summary><c>stdout</c>, <c>stderr</c>, or the path of a file.</summary>
    public string Output { get; init; } = "stdout";

    /// <summary>The size in octets at which the server rotates the log file; null: never.</summary>
    public long? MaxSize { get; init; }

    /// <summary>How many rotated log files are kept.</summary>
    public int Keep { get; init; } = 7;

    public bool IsFile => Output is not ("stdout" or "stderr");
}
