using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Copies the definitions of time zones along with the times that refer to them.</summary>
internal static class MissingZones
{
    /// <summary>Adds each VTIMEZONE of <paramref name="source"/> that <paramref name="root"/> uses but does not define, before the other components.</summary>
    public static void Add(EditableComponent root, ContentComponent source)
    {
        var defined = root.Components.Where(c => c.Name == "VTIMEZONE").Select(c => ZoneName.DefinedBy(c.Lines)).ToHashSet(StringComparer.Ordinal);
        var used = ZoneName.UsedIn(root.AllLines);
        var missing = source.ComponentsNamed("VTIMEZONE").Where(z => ZoneName.DefinedBy(z.Lines) is { } name && used.Contains(name) && defined.Add(name));
        root.Components.InsertRange(0, missing.Select(EditableComponent.Of));
    }
}
