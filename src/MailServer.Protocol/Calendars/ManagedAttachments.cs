using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Adds and removes the ATTACH properties of managed attachments (RFC 8607 §4). Unaffected lines are copied octet for octet.</summary>
public static class ManagedAttachments
{
    private const string Parameter = "MANAGED-ID";
    private const string Master = "M";

    /// <summary>The parameters whose values are the server's; a managed attachment is never inline.</summary>
    private static readonly FrozenSet<string> OfServer = FrozenSet.Create(StringComparer.Ordinal, Parameter, "FMTTYPE", "SIZE", "FILENAME", "VALUE", "ENCODING");

    /// <summary>The distinct managed attachments of an object.</summary>
    public static IReadOnlyList<string> Of(CalendarObject calendar) =>
        [.. calendar.Root.Components.SelectMany(c => c.LinesNamed("ATTACH")).Select(line => line.Parameter(Parameter)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The ATTACH properties of managed attachments in an object, by MANAGED-ID.</summary>
    public static IEnumerable<(string Id, ContentLine Line)> LinesOf(CalendarObject calendar) =>
        from component in calendar.Root.Components
        from line in component.LinesNamed("ATTACH")
        let id = line.Parameter(Parameter)
        where id is not null
        select (id!, line);

    /// <summary>
    /// Writes the object with the values that the server gave the ATTACH properties of its managed attachments: URL, type, size and name. Clients cannot change
    /// them (RFC 8607 §4). Null if nothing differs.
    /// </summary>
    /// <param name="calendar">The object as a client sent it.</param>
    /// <param name="known">The property that the server wrote, by MANAGED-ID.</param>
    public static byte[]? Restore(CalendarObject calendar, IReadOnlyDictionary<string, ContentLine> known)
    {
        var root = EditableComponent.Of(calendar.Root);
        var differs = false;
        foreach (var component in root.Components)
        {
            component.Change("ATTACH", line =>
            {
                if (line.Parameter(Parameter) is not { } id || !known.TryGetValue(id, out var written) || IsSame(line, written)) return line;
                differs = true;
                return EditableComponent.Make("ATTACH", written.Parameters.Concat(line.Parameters.Where(p => !OfServer.Contains(p.Name))), written.Text);
            });
        }

        return differs ? root.ToBytes() : null;
    }

    /// <summary>Writes the object with ordinary ATTACH properties: without MANAGED-ID. Null if it has none.</summary>
    public static byte[]? Detach(CalendarObject calendar)
    {
        if (!LinesOf(calendar).Any()) return null;
        var root = EditableComponent.Of(calendar.Root);
        foreach (var component in root.Components) component.Change("ATTACH", static line => EditableComponent.Without(line, Parameter));
        return root.ToBytes();
    }

    private static bool IsSame(ContentLine line, ContentLine written) =>
        line.Text == written.Text && OfServer.All(name => line.Parameter(name) == written.Parameter(name));

    /// <summary>Writes the object with the ATTACH property of <paramref name="removed"/> removed and one for <paramref name="added"/> added.</summary>
    /// <param name="calendar">The object.</param>
    /// <param name="removed">The id of the attachment to remove or replace; null to add one.</param>
    /// <param name="added">The new attachment; null to remove one.</param>
    /// <param name="url">The URL of the new attachment.</param>
    /// <param name="instances">
    /// The values of a <c>rid</c> parameter (RFC 8607 §3.3.2): <c>M</c> for the master component, or RECURRENCE-IDs; none means all components. An instance
    /// without an override gets one.
    /// </param>
    /// <param name="text">The changed object.</param>
    /// <param name="precondition">The local name of the violated precondition, in the CalDAV namespace.</param>
    public static bool TryRewrite(
        CalendarObject calendar, string? removed, ManagedAttachment? added, string url, IReadOnlyList<string> instances,
        [NotNullWhen(true)] out byte[]? text, [NotNullWhen(false)] out string? precondition)
    {
        var root = EditableComponent.Of(calendar.Root);
        var components = root.Components.Where(static c => c.Name != "VTIMEZONE").ToList();
        var drafts = new Dictionary<string, EditableComponent>(StringComparer.Ordinal);
        foreach (var (component, draft) in calendar.Components.Zip(components)) drafts.TryAdd(component.RecurrenceId?.InstanceKey ?? Master, draft);
        var overrides = new InstanceOverrides(calendar);
        // Two values may name the same instance.
        var chosen = new HashSet<EditableComponent>(instances.Count == 0 ? components : []);
        (text, precondition) = (null, null);
        foreach (var instance in instances)
        {
            if (Find(instance) is { } found)
            {
                chosen.Add(found);
                continue;
            }

            precondition = overrides.IsFull ? "max-resource-size" : "valid-rid";
            return false;
        }

        foreach (var draft in chosen) Change(draft, removed, added, url);
        text = root.ToBytes();
        return true;

        EditableComponent? Find(string instance)
        {
            var id = instance == Master ? null : TimeOf(calendar, instance);
            if (drafts.TryGetValue(id?.InstanceKey ?? instance, out var draft) || id is null) return draft;
            if (overrides.Create(id.Value) is not { } made) return null;
            root.Components.Add(made);
            return drafts[id.Value.InstanceKey] = made;
        }
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

    /// <summary>
    /// The recurrence id that a <c>rid</c> parameter names, by its local time as written in the object, or by its moment in UTC. Null if it has not the form of
    /// the object's recurrence ids.
    /// </summary>
    private static CalendarTime? TimeOf(CalendarObject calendar, string instance)
    {
        var first = calendar.Master?.Anchor ?? calendar.Components[0].RecurrenceId!.Value;
        if (!CalendarValues.TryReadTime(instance, out var time, out var form)) return null;
        if (form == CalendarTimeForm.Utc) return first.IsFloating ? null : new CalendarTime(time, form, null);
        return first.IsDate == (form == CalendarTimeForm.Date) ? first.At(time) : null;
    }
}
