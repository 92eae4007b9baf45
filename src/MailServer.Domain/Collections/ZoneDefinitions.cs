namespace MailServer.Domain.Collections;

/// <summary>Treatment of time zone definitions in the response of a report (RFC 7809 §4.1).</summary>
public enum ZoneDefinitions
{
    AsStored,

    /// <summary>Omit the definitions of zones of the time zone database.</summary>
    LeaveOut,

    /// <summary>Add the missing definitions.</summary>
    Add,
}
