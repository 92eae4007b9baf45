namespace MailServer.Domain.Collections;

/// <summary>The three collection trees of an account.</summary>
public enum CollectionSpace
{
    Calendars,
    AddressBooks,
    Files,
}

/// <summary>The kind of a collection, which determines the rules for its members.</summary>
public enum CollectionKind
{
    /// <summary>The root of a space; in <see cref="CollectionSpace.Files"/> it also contains files.</summary>
    Home,

    /// <summary>A folder of files.</summary>
    Folder,

    /// <summary>Calendar objects (RFC 4791 §4.2).</summary>
    Calendar,

    /// <summary>Contacts (RFC 6352 §5.2).</summary>
    AddressBook,

    /// <summary>A calendar or address book of another account.</summary>
    Mount,

    /// <summary>Received scheduling messages (RFC 6638 §2.2).</summary>
    ScheduleInbox,

    /// <summary>The target of free-busy requests (RFC 6638 §2.1); always empty.</summary>
    ScheduleOutbox,
}

/// <summary>Component types of calendar objects, and the types that a calendar accepts (RFC 4791 §5.2.3).</summary>
[Flags]
public enum CalendarComponents
{
    None = 0,
    Event = 1,
    Todo = 2,
    Journal = 4,
    FreeBusy = 8,
    Availability = 16,

    /// <summary>The types that a calendar accepts unless it was created with others.</summary>
    Default = Event | Todo | Journal,
}
