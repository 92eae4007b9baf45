using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace MailServer.Hosting;

/// <summary>One event as a line of JSON. What a terminal would obey is escaped, although JSON allows it in strings.</summary>
internal sealed class JsonLogFormatter : ITextFormatter
{
    private readonly CompactJsonFormatter _json = new();

    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var line = new StringWriter(CultureInfo.InvariantCulture) { NewLine = output.NewLine };
        _json.Format(logEvent, line);
        output.Write(VisibleText.EscapeJson(line.ToString()));
    }
}
