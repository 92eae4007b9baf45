using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace MailServer.Hosting;

/// <summary>Formats an event as one line of JSON. Also escapes characters that JSON allows in strings but a terminal would interpret.</summary>
internal sealed class JsonLogFormatter : ITextFormatter
{
    private readonly CompactJsonFormatter _json = new();

    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var line = new StringWriter(CultureInfo.InvariantCulture) { NewLine = output.NewLine };
        _json.Format(logEvent, line);
        output.Write(OutputEscaping.EscapeJson(line.ToString()));
    }
}
