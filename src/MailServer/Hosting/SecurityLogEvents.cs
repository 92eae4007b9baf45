using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>Identifies log events about sign-ins and bans. Programs such as fail2ban read them, so they are never suppressed.</summary>
internal static class SecurityLogEvents
{
    private const string Sources = "MailServer.Actors.A"; // Access and Authentication

    public static bool Contains(LogEvent line) =>
        line.Properties.GetValueOrDefault(Constants.SourceContextPropertyName) is ScalarValue { Value: string source } && source.StartsWith(Sources, StringComparison.Ordinal);
}
