using MailServer.Configuration;
using MailServer.Web.Admin;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>The log level of each component: as configured at start, and as changed by an administrator at run time.</summary>
internal sealed class LogLevels : ILogLevels
{
    private const string Everything = "all";

    // The longest matching prefix of a source's name decides. "all" does not change the levels of frameworks.
    private static readonly (string Name, string Source, bool IsOurs)[] Parts =
    [
        ("imap", "MailServer.Protocol.Imap", true),
        ("smtp", "MailServer.Protocol.Smtp", true),
        ("managesieve", "MailServer.Protocol.ManageSieve", true),
        ("mailboxes", "MailServer.Actors.Mailboxes", true),
        ("delivery", "MailServer.Actors.Delivery", true),
        ("queue", "MailServer.Actors.Queue", true),
        ("collections", "MailServer.Actors.Collections", true),
        ("access", "MailServer.Actors.Access", true),
        ("authentication", "MailServer.Actors.Authentication", true),
        ("listeners", "MailServer.Network.Listeners", true),
        ("certificates", "MailServer.Network.Certificates", true),
        ("web", "MailServer.Web", true),
        ("http", "Microsoft", false),
        ("actors", "Akka", false),
    ];

    private readonly LoggingLevelSwitch _default;
    private readonly Dictionary<string, LoggingLevelSwitch> _switches = new(StringComparer.Ordinal);

    public LogLevels(LogLevelOption level)
    {
        _default = new LoggingLevelSwitch(Of(level));
        foreach (var part in Parts) _switches.Add(part.Name, new LoggingLevelSwitch(part.IsOurs ? Of(level) : LogEventLevel.Warning));
    }

    public LoggerConfiguration Apply(LoggerConfiguration logger)
    {
        logger.MinimumLevel.ControlledBy(_default);
        foreach (var part in Parts) logger.MinimumLevel.Override(part.Source, _switches[part.Name]);
        return logger;
    }

    public IReadOnlyList<LogLevelDocument> List() =>
        [new(Everything, NameOf(_default)), .. Parts.Select(p => new LogLevelDocument(p.Name, NameOf(_switches[p.Name])))];

    public bool TrySet(string name, string level)
    {
        if (!Enum.TryParse<LogLevelOption>(level, ignoreCase: true, out var parsed) || int.TryParse(level, out _)) return false;
        if (_switches.TryGetValue(name, out var one))
        {
            one.MinimumLevel = Of(parsed);
            return true;
        }

        if (name != Everything) return false;
        _default.MinimumLevel = Of(parsed);
        foreach (var part in Parts.Where(static p => p.IsOurs)) _switches[part.Name].MinimumLevel = Of(parsed);
        return true;
    }

    private static string NameOf(LoggingLevelSwitch level) => level.MinimumLevel switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        _ => "error",
    };

    private static LogEventLevel Of(LogLevelOption level) => level switch
    {
        LogLevelOption.Trace => LogEventLevel.Verbose,
        LogLevelOption.Debug => LogEventLevel.Debug,
        LogLevelOption.Warning => LogEventLevel.Warning,
        LogLevelOption.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };
}
