using MailServer.Domain.Formatting;
using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>
/// Renders every time in a log event as ISO 8601 in UTC, before any output formats it: otherwise its form would depend on the output, the culture and the
/// time zone of the value.
/// </summary>
internal sealed class UtcTimes : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        List<LogEventProperty>? changed = null;
        foreach (var (name, value) in logEvent.Properties)
            if (Convert(value) is { } converted) (changed ??= []).Add(new LogEventProperty(name, converted));
        foreach (var property in changed ?? []) logEvent.AddOrUpdateProperty(property);
    }

    /// <summary>The value with its times as text; null when it contains none.</summary>
    private static LogEventPropertyValue? Convert(LogEventPropertyValue value) => value switch
    {
        ScalarValue { Value: DateTimeOffset time } => new ScalarValue(UtcText.Of(time)),
        ScalarValue { Value: DateTime time } => new ScalarValue(UtcText.Of(time)),
        ScalarValue { Value: DateOnly day } => new ScalarValue(day.ToString("O", System.Globalization.CultureInfo.InvariantCulture)),
        SequenceValue list when list.Elements.Any(static e => Convert(e) is not null) => new SequenceValue(list.Elements.Select(static e => Convert(e) ?? e)),
        StructureValue thing when thing.Properties.Any(static p => Convert(p.Value) is not null) =>
            new StructureValue(thing.Properties.Select(static p => new LogEventProperty(p.Name, Convert(p.Value) ?? p.Value)), thing.TypeTag),
        DictionaryValue map when map.Elements.Any(static e => Convert(e.Value) is not null) =>
            new DictionaryValue(map.Elements.Select(static e => KeyValuePair.Create(e.Key, Convert(e.Value) ?? e.Value))),
        _ => null,
    };
}
