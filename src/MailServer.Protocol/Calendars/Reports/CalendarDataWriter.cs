using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>Writes the selected part of one calendar object. Unchanged lines are copied as they were stored.</summary>
internal sealed class CalendarDataWriter(CalendarDataRequest request, CalendarObject calendar, CalendarTimeZone floating, ContentWriter output)
{
    private readonly CalendarComponentReader _reader = new(calendar.Zones);

    public void Write()
    {
        var selection = request.Selection ?? ComponentSelection.Everything(calendar.Root.Name);
        output.Begin(calendar.Root.Name);
        foreach (var line in calendar.Root.Lines)
            WriteLine(line, selection);
        if (request.Expand is { } range)
            WriteInstances(range, selection);
        else
            WriteComponents(selection);
        output.End(calendar.Root.Name);
    }

    private void WriteComponents(ComponentSelection selection)
    {
        var left = request.LimitRecurrenceSet is { } range ? OverridesOutside(range) : [];
        foreach (var component in calendar.Root.Components)
        {
            if (selection.Inside(component.Name) is { } inside && !left.Contains(component))
                WriteComponent(component, inside);
        }
    }

    private void WriteInstances(TimeRange range, ComponentSelection selection)
    {
        if (selection.Inside(calendar.Component) is not { } inside)
            return;
        var instances = calendar.Instances(floating, calendar.NewBudget()).Near(range.From, range.To)
            .Where(i => TimeRangeOverlap.Overlaps(i, range, floating))
            .DistinctBy(i => (i.RecurrenceId?.Local, i.StartUtc))
            .Take(calendar.Limits.MaxInstances)
            .OrderBy(i => i.StartUtc);
        foreach (var instance in instances)
            WriteInstance(instance, inside);
    }

    private void WriteInstance(CalendarInstance instance, ComponentSelection selection)
    {
        var component = instance.Component;
        var times = new ExpandedTimes(instance, floating);
        output.Begin(component.Name);
        if (instance.RecurrenceId is { } id && selection.Property("RECURRENCE-ID") is not null)
            output.WriteLine(ExpandedTimes.Property("RECURRENCE-ID", id));
        foreach (var line in component.Content.Lines)
        {
            if (ExpandedTimes.IsRecurrenceProperty(line.Name) || selection.Property(line.Name) is not { } property)
                continue;
            if (times.Replacement(line, calendar.Zones) is { } replaced && !property.NoValue)
                output.WriteLine(replaced);
            else if (!times.Omits(line))
                WriteLine(line, selection);
        }

        if (times.ExplicitEnd is { } end && selection.Property(ExpandedTimes.EndName(component)) is not null)
            output.WriteLine(end);
        WriteInner(component.Content, selection);
        output.End(component.Name);
    }

    private void WriteComponent(ContentComponent component, ComponentSelection selection)
    {
        if (selection is { AllProperties: true, AllComponents: true, Properties.Count: 0, Components.Count: 0 } && request.LimitFreeBusySet is null)
        {
            output.WriteStored(component.Raw.Span);
            return;
        }

        output.Begin(component.Name);
        foreach (var line in component.Lines)
            WriteLine(line, selection);
        WriteInner(component, selection);
        output.End(component.Name);
    }

    private void WriteInner(ContentComponent component, ComponentSelection selection)
    {
        foreach (var inner in component.Components)
        {
            if (selection.Inside(inner.Name) is { } inside)
                WriteComponent(inner, inside);
        }
    }

    private void WriteLine(ContentLine line, ComponentSelection selection)
    {
        if (selection.Property(line.Name) is not { } property)
            return;
        if (property.NoValue)
            output.WriteLine(line, "");
        else if (line.Name == "FREEBUSY" && request.LimitFreeBusySet is { } range)
            WriteFreeBusy(line, range);
        else
            output.WriteStored(line.Raw.Span);
    }

    private void WriteFreeBusy(ContentLine line, TimeRange range)
    {
        var values = line.Text.Split(',').Zip(_reader.Periods(line))
            .Where(p => p.Second.Start.ToUtc(floating) < range.To && (p.Second.EndUtc(floating) ?? SaturatingDateTime.Latest) > range.From)
            .Select(p => p.First)
            .ToArray();
        if (values.Length > 0)
            output.WriteLine(line, string.Join(',', values));
    }

    /// <summary>Overrides for which neither the new nor the original time of the instance is in the range.</summary>
    private HashSet<ContentComponent> OverridesOutside(TimeRange range)
    {
        var inside = calendar.Overlapping(range, floating).Select(c => c.Content).ToHashSet();
        var master = calendar.Master;
        var length = master is null ? default : new InstanceDuration(master, floating);
        return [.. calendar.Components.Where(c => c.RecurrenceId is { } id && !inside.Contains(c.Content) && !Touches(c, id)).Select(c => c.Content)];

        bool Touches(CalendarComponent component, CalendarTime id)
        {
            var start = id.ToUtc(floating);
            var end = length.End(id, start, floating) ?? start;
            return start < range.To && (component.AppliesToFuture || end > range.From || start >= range.From);
        }
    }
}
