using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Adds and removes the ATTACH properties of managed attachments (RFC 8607 §4). Unaffected lines are copied octet for octet.</summary>
public static class ManagedAttachments
{
    private const string Parameter = "MANAGED-ID";

    /// <summary>The distinct managed attachments of an object.</summary>
    public static IReadOnlyList<string> Of(CalendarObject calendar) =>
        [.. calendar.Root.Components.SelectMany(c => c.LinesNamed("ATTACH")).Select(line => line.Parameter(Parameter)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>True if the object contains all of <paramref name="instances"/> (<c>M</c> for the master component, or RECURRENCE-IDs; an empty list means all).</summary>
    public static bool Has(CalendarObject calendar, IReadOnlyList<string> instances) =>
        instances.All(instance => calendar.Components.Any(component => IsOf(component, instance)));

    /// <summary>The object with the ATTACH property of <paramref name="removed"/> removed and one for <paramref name="added"/> added.</summary>
    public static ReadOnlyMemory<byte> Rewrite(CalendarObject calendar, string? removed, ManagedAttachment? added, string url, IReadOnlyList<string> instances)
    {
        var output = new ArrayBufferWriter<byte>(calendar.Text.Length + 512);
        var writer = new ContentWriter(output);
        writer.Begin(calendar.Root.Name);
        foreach (var line in calendar.Root.Lines) writer.WriteStored(line.Raw.Span);
        foreach (var component in calendar.Root.Components)
        {
            var part = calendar.Components.FirstOrDefault(c => c.Content == component);
            var applies = part is not null && (instances.Count == 0 || instances.Any(instance => IsOf(part, instance)));
            if (applies) Write(writer, component, removed, added, url);
            else writer.WriteStored(component.Raw.Span);
        }

        writer.End(calendar.Root.Name);
        return output.WrittenMemory;
    }

    private static void Write(ContentWriter writer, ContentComponent component, string? removed, ManagedAttachment? added, string url)
    {
        var had = component.LinesNamed("ATTACH").Any(line => line.Parameter(Parameter) == removed);
        writer.Begin(component.Name);
        foreach (var line in component.Lines)
            if (removed is null || line.Name != "ATTACH" || line.Parameter(Parameter) != removed) writer.WriteStored(line.Raw.Span);
        if (added is not null && (removed is null || had)) writer.WriteLine(Property(added, url));
        foreach (var inner in component.Components) writer.WriteStored(inner.Raw.Span);
        writer.End(component.Name);
    }

    private static string Property(ManagedAttachment added, string url)
    {
        var text = new StringBuilder("ATTACH");
        ContentWriter.Append(text, new ContentParameter(Parameter, [added.Id]));
        ContentWriter.Append(text, new ContentParameter("FMTTYPE", [added.ContentType.Split(';')[0].Trim()]));
        ContentWriter.Append(text, new ContentParameter("SIZE", [added.Body.Length.ToString(CultureInfo.InvariantCulture)]));
        if (added.FileName.Length > 0) ContentWriter.Append(text, new ContentParameter("FILENAME", [added.FileName]));
        return text.Append(':').Append(url).ToString();
    }

    private static bool IsOf(CalendarComponent component, string instance) =>
        instance == "M" ? component.RecurrenceId is null : component.RecurrenceId is { } id && Names(instance, id);

    /// <summary>True if the value of a <c>rid</c> parameter names the instance: its local time as written, or the same moment in UTC (RFC 8607 §3.3.2).</summary>
    private static bool Names(string instance, CalendarTime id) => CalendarValues.TryReadTime(instance, out var time, out var form)
        && (form == CalendarTimeForm.Utc ? !id.IsFloating && time == id.ToUtc(CalendarTimeZone.Utc) : id.IsDate == (form == CalendarTimeForm.Date) && time == id.Local);
}
