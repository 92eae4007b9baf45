using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>Which log lines tell who signed in, was refused or was banned: programs that keep attackers out read them, so each one is written.</summary>
internal static class SecurityLines
{
    private const string Sources = "MailServer.Actors.A"; // Access and Authentication

    public static bool Contains(LogEvent line) =>
        line.Properties.GetValueOrDefault(Constants.SourceContextPropertyName) is ScalarValue { Value: string source } && source.StartsWith(Sources, StringComparison.Ordinal);
}
