using System.Globalization;
using MailServer.Domain.Formatting;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace MailServer.Hosting;

/// <summary>
/// Formats an event as text: a line with time (ISO 8601 UTC), level and message, then an exception, if any, on indented lines. Control characters in values
/// and exception messages are escaped, so none of them can start a line or control a terminal.
/// </summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    private static readonly MessageTemplateTextFormatter Level = new(" {Level:u3} ", CultureInfo.InvariantCulture);
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    /// <summary>The message of an event, with strings without quotation marks. It is not escaped.</summary>
    public static string MessageOf(LogEvent logEvent)
    {
        using var message = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, message);
        return message.ToString();
    }

    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        ArgumentNullException.ThrowIfNull(output);
        output.Write(UtcText.WithMilliseconds(logEvent.Timestamp));
        Level.Format(logEvent, output);
        output.WriteLine(OutputEscaping.Escape(MessageOf(logEvent)));
        if (logEvent.Exception is not { } e) return;
        foreach (var line in ExceptionText.Lines(e)) output.WriteLine(line);
    }
}
