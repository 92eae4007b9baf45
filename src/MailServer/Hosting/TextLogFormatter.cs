using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace MailServer.Hosting;

/// <summary>
/// One event as text: a line with its time, level and message, then the exception, if any, on indented lines. No value, and no message of an exception,
/// can begin a line of its own or reach the terminal raw.
/// </summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    private readonly MessageTemplateTextFormatter _head = new("{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} ", CultureInfo.InvariantCulture);
    private readonly MessageTemplateTextFormatter _message = new("{Message:lj}", CultureInfo.InvariantCulture);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        ArgumentNullException.ThrowIfNull(output);
        _head.Format(logEvent, output);
        using var message = new StringWriter(CultureInfo.InvariantCulture);
        _message.Format(logEvent, message);
        output.WriteLine(VisibleText.Escape(message.ToString()));
        if (logEvent.Exception is not { } e) return;
        foreach (var line in ExceptionText.Lines(e)) output.WriteLine(line);
    }
}
