using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;

namespace MailServer.Protocol.Scheduling;

/// <summary>The part of an organizer's object that one attendee may see: the components that list the attendee, minus all other instances (RFC 6638 §3.2.6).</summary>
internal sealed class AttendeeView
{
    private AttendeeView(IReadOnlyDictionary<string, CalendarComponent> components, IReadOnlyDictionary<string, InstanceId> excluded)
    {
        Components = components;
        Excluded = excluded;
    }

    public static AttendeeView Nothing { get; } = new(new Dictionary<string, CalendarComponent>(), new Dictionary<string, InstanceId>());

    /// <summary>The components by <see cref="InstanceId.Key"/>; the master component has the empty key.</summary>
    public IReadOnlyDictionary<string, CalendarComponent> Components { get; }

    /// <summary>Instances that the attendee does not attend: EXDATEs, and overrides that do not list the attendee.</summary>
    public IReadOnlyDictionary<string, InstanceId> Excluded { get; }

    public bool IsEmpty => Components.Count == 0;

    public bool HasMaster => Components.ContainsKey(InstanceId.MasterKey);

    public bool IsCancelled => !IsEmpty && Components.Values.All(c => string.Equals(c.Text("STATUS"), "CANCELLED", StringComparison.OrdinalIgnoreCase));

    public static AttendeeView Of(SchedulingObject? found, EmailAddress attendee)
    {
        if (found is null) return Nothing;
        var components = new Dictionary<string, CalendarComponent>(StringComparer.Ordinal);
        var others = new List<CalendarComponent>();
        foreach (var component in found.Calendar.Components)
        {
            if (SchedulingObject.AttendeeLine(component.Content, attendee) is { } line && SchedulingObject.IsServerScheduled(line)) components.TryAdd(InstanceId.KeyOf(component), component);
            else others.Add(component);
        }

        var excluded = new Dictionary<string, InstanceId>(StringComparer.Ordinal);
        if (!components.ContainsKey(InstanceId.MasterKey)) return components.Count == 0 ? Nothing : new AttendeeView(components, excluded);
        foreach (var id in found.Excluded.Values.Concat(others.Select(InstanceId.Of).OfType<InstanceId>())) excluded.TryAdd(id.Key, id);
        return new AttendeeView(components, excluded);
    }

    /// <summary>A fingerprint of everything relevant to the attendee, except the instances in <paramref name="without"/>.</summary>
    public string FingerprintWithout(IReadOnlySet<string> without) => string.Join(
        '\f', Components.Where(c => !without.Contains(c.Key)).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={ComponentFingerprint.Of(c.Value)}"));
}
