namespace MailServer.Configuration;

/// <summary>How much is logged.</summary>
public enum LogLevelOption
{
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>How a log line looks.</summary>
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

    /// <summary>The size in octets at which the server renames the log file and begins a new one; null: it never does.</summary>
    public long? MaxSize { get; init; }

    /// <summary>How many renamed log files stay.</summary>
    public int Keep { get; init; } = 7;

    public bool IsFile => Output is not ("stdout" or "stderr");
}
