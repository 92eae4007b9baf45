using System.Collections.Frozen;
using System.Xml.Linq;

namespace MailServer.Protocol.Dav;

/// <summary>A sentence for each precondition, for clients that show <c>DAV:responsedescription</c> to the user.</summary>
public static class ConditionTexts
{
    private static readonly FrozenDictionary<string, string> Texts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["addressbook-collection-location-ok"] = "An address book cannot be created here.",
        ["allowed-attendee-scheduling-object-change"] = "Only the organizer can change this meeting.",
        ["allowed-organizer-scheduling-object-change"] = "The organizer of a meeting cannot be changed.",
        ["allowed-principal"] = "Access can only be granted to users of this server.",
        ["calendar-collection-location-ok"] = "A calendar cannot be created here.",
        ["cannot-modify-protected-property"] = "The property is set by the server.",
        ["grant-only"] = "Access can be granted but not denied.",
        ["max-attachment-size"] = "The attachment is too large.",
        ["max-attachments-per-resource"] = "The event has too many attachments.",
        ["max-attendees-per-instance"] = "The event has too many attendees.",
        ["max-date-time"] = "The event is too far in the future.",
        ["max-instances"] = "The event repeats too often.",
        ["max-resource-size"] = "The entry is too large.",
        ["min-date-time"] = "The event is too far in the past.",
        ["need-privileges"] = "You do not have permission for this.",
        ["no-ace-conflict"] = "The access list contains a contradiction.",
        ["no-invert"] = "Access cannot be granted to everyone except a user.",
        ["not-supported-privilege"] = "The server does not support one of the privileges.",
        ["number-of-matches-within-limits"] = "The result is too large: request less at once.",
        ["propfind-finite-depth"] = "Listing all levels at once is not supported.",
        ["recognized-principal"] = "The user does not exist.",
        ["resource-must-be-null"] = "There is already something at this address.",
        ["same-organizer-in-all-components"] = "All instances of a meeting must have the same organizer.",
        ["supported-address-data"] = "Only vCard 3.0 and 4.0 are supported.",
        ["supported-calendar-component"] = "The calendar does not accept entries of this kind.",
        ["supported-calendar-data"] = "Only iCalendar 2.0 is supported.",
        ["supported-collation"] = "The collation is not supported.",
        ["supported-filter"] = "The filter uses something that the server cannot search for.",
        ["supported-report"] = "The report is not supported here.",
        ["supported-rscale"] = "Only the Gregorian calendar is supported for recurrence rules.",
        ["valid-action"] = "The action is not supported.",
        ["valid-calendar-data"] = "The calendar data is not valid.",
        ["valid-filter"] = "The filter is not valid.",
        ["valid-managed-id"] = "The attachment does not exist.",
        ["valid-managed-id-parameter"] = "The event names an attachment that does not exist here.",
        ["valid-organizer"] = "You can only organize meetings with one of your own addresses.",
        ["valid-resourcetype"] = "A collection of this kind is not supported.",
        ["valid-rid"] = "The event has no such instance.",
        ["valid-schedule-default-calendar-URL"] = "The default calendar must be one of your own calendars.",
        ["valid-scheduling-message"] = "The scheduling message is not valid.",
        ["valid-sync-token"] = "The synchronization token is no longer valid.",
        ["valid-timezone"] = "The time zone is not known.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The sentence of a condition; its name if it has none.</summary>
    public static string Of(XName condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Texts.GetValueOrDefault(condition.LocalName, condition.LocalName);
    }

    /// <summary>True if the condition has a sentence.</summary>
    public static bool Has(string condition) => Texts.ContainsKey(condition);
}
