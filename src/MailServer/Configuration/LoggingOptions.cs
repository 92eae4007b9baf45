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
    [Key("The least severe events that are logged. `mailserver log level` changes single components at run time.")]
    public LogLevelOption Level { get; init; } = LogLevelOption.Info;

    [Key("One line of text per event, or one JSON object.")]
    public LogFormat Format { get; init; } = LogFormat.Text;

    [Key("`stdout`, `stderr`, or the path of a file that has no other use.")]
    public string Output { get; init; } = "stdout";

    [Key("The size at which the server rotates a log file, at least 64KB. Default: never; use logrotate.", Example = "100MB")]
    public long? MaxSize { get; init; }

    [Key("The number of rotated files (`mail.log.1`, `mail.log.2`, ...) to keep.", Min = 1, Max = 1_000)]
    public int Keep { get; init; } = 7;

    public bool IsFile => Output is not ("stdout" or "stderr");
}
