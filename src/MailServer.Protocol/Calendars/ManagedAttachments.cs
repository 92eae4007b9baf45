using System.Globalization;
using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Adds and removes the ATTACH properties of managed attachments (RFC 8607 §4). Unaffected lines are copied octet for octet.</summary>
public static class ManagedAttachments
{
    private const string Parameter = "MANAGED-ID";
    private const string Master = "M";

    /// <summary>The distinct managed attachments of an object.</summary>
    public static IReadOnlyList<string> Of(CalendarObject calendar) =>
        [.. calendar.Root.Components.SelectMany(c => c.LinesNamed("ATTACH")).Select(line => line.Parameter(Parameter)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The object with the ATTACH property of <paramref name="removed"/> removed and one for <paramref name="added"/> added.</summary>
    /// <param name="calendar">The object.</param>
    /// <param name="removed">The id of the attachment to remove or replace; null to add one.</param>
    /// <param name="added">The new attachment; null to remove one.</param>
    /// <param name="url">The URL of the new attachment.</param>
    /// <param name="instances">
    /// The values of a <c>rid</c> parameter (RFC 8607 §3.3.2): <c>M</c> for the master component, or RECURRENCE-IDs; none means all components. An instance
    /// without an override gets one.
    /// </param>
    /// <returns>Null if the object lacks one of the instances.</returns>
    public static byte[]? Rewrite(CalendarObject calendar, string? removed, ManagedAttachment? added, string url, IReadOnlyList<string> instances)
    {
        var root = EditableComponent.Of(calendar.Root);
        var budget = calendar.NewBudget();
        var chosen = new HashSet<int>();
        for (var i = 0; i < calendar.Root.Components.Count; i++)
            if (instances.Count == 0 && calendar.Components.Any(c => c.Content == calendar.Root.Components[i])) chosen.Add(i);
        foreach (var instance in instances)
        {
            var component = calendar.Components.FirstOrDefault(c => IsOf(c, instance));
            if (component is not null)
            {
                chosen.Add(IndexOf(calendar, component));
                continue;
            }

            if (TimeOf(calendar, instance) is not { } id || InstanceOverride.Create(calendar, id, budget) is not { } made) return null;
            chosen.Add(root.Components.Count);
            root.Components.Add(made);
        }

        foreach (var index in chosen) Change(root.Components[index], removed, added, url);
        return root.ToBytes();
    }

    private static int IndexOf(CalendarObject calendar, CalendarComponent component)
    {
        for (var i = 0; i < calendar.Root.Components.Count; i++)
            if (calendar.Root.Components[i] == component.Content) return i;
        throw new ArgumentException("not a component of the object", nameof(component));
    }

    private static void Change(EditableComponent component, string? removed, ManagedAttachment? added, string url)
    {
        var had = removed is not null && component.Lines.RemoveAll(l => l.Name == "ATTACH" && l.Parameter(Parameter) == removed) > 0;
        if (added is not null && (removed is null || had)) component.Add(Property(added, url));
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
        instance == Master ? component.RecurrenceId is null : component.RecurrenceId is { } id && Names(instance, id);

    /// <summary>True if the value of a <c>rid</c> parameter names the instance: its local time as written, or the same moment in UTC.</summary>
    private static bool Names(string instance, CalendarTime id) => CalendarValues.TryReadTime(instance, out var time, out var form)
        && (form == CalendarTimeForm.Utc ? !id.IsFloating && time == id.ToUtc(CalendarTimeZone.Utc) : id.IsDate == (form == CalendarTimeForm.Date) && time == id.Local);

    /// <summary>The time that a <c>rid</c> parameter names, in the form of the object's first instance; null if it is none.</summary>
    private static CalendarTime? TimeOf(CalendarObject calendar, string instance)
    {
        if (instance == Master || !CalendarValues.TryReadTime(instance, out var time, out var form)) return null;
        if (form == CalendarTimeForm.Utc) return new CalendarTime(time, form, null);
        return calendar.Components.FirstOrDefault(static c => c.RecurrenceId is null)?.Anchor is { } first && first.IsDate == (form == CalendarTimeForm.Date) ? first.At(time) : null;
    }
}
