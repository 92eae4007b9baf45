namespace MailServer.Protocol.Calendars;

/// <summary>The violated precondition of RFC 4791 §5.3.2.1.</summary>
public enum CalendarPrecondition
{
    ValidCalendarData,
    ValidCalendarObjectResource,
    SupportedCalendarComponent,
    MaxResourceSize,
    MaxAttendeesPerInstance,

    /// <summary>RFC 7529 §4.</summary>
    SupportedRscale,
}

/// <summary>The reason why a text is not a valid calendar object resource.</summary>
public sealed record CalendarFault(CalendarPrecondition Precondition, string Reason)
{
    /// <summary>The local name of the element in the error body, in the CalDAV namespace.</summary>
    public string Element => Precondition switch
    {
        CalendarPrecondition.ValidCalendarData => "valid-calendar-data",
        CalendarPrecondition.ValidCalendarObjectResource => "valid-calendar-object-resource",
        CalendarPrecondition.SupportedCalendarComponent => "supported-calendar-component",
        CalendarPrecondition.MaxResourceSize => "max-resource-size",
        CalendarPrecondition.SupportedRscale => "supported-rscale",
        _ => "max-attendees-per-instance",
    };

    internal static CalendarFault Data(string reason) => new(CalendarPrecondition.ValidCalendarData, reason);

    internal static CalendarFault Object(string reason) => new(CalendarPrecondition.ValidCalendarObjectResource, reason);
}
