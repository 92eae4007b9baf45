namespace MailServer.Domain.Collections;

/// <summary>The three trees of an account that HTTP shows.</summary>
public enum CollectionSpace
{
    Calendars,
    AddressBooks,
    Files,
}

/// <summary>What a collection holds, and with it which rules its members obey.</summary>
public enum CollectionKind
{
    /// <summary>The top of a space; in <see cref="CollectionSpace.Files"/> it holds files like any folder.</summary>
    Home,

    /// <summary>A folder of files.</summary>
    Folder,

    /// <summary>Calendar objects (RFC 4791 §4.2).</summary>
    Calendar,

    /// <summary>Contacts (RFC 6352 §5.2).</summary>
    AddressBook,

    /// <summary>A calendar or address book of another account.</summary>
    Mount,

    /// <summary>Scheduling messages that came (RFC 6638 §2.2).</summary>
    ScheduleInbox,

    /// <summary>Where a client asks when others are free (RFC 6638 §2.1); it holds nothing.</summary>
    ScheduleOutbox,
}

/// <summary>The component types of calendar objects; a calendar says which of them it takes (RFC 4791 §5.2.3).</summary>
[Flags]
public enum CalendarComponents
{
    None = 0,
    Event = 1,
    Todo = 2,
    Journal = 4,
    FreeBusy = 8,
    Availability = 16,

    /// <summary>What a calendar takes that was made without saying it.</summary>
    Usual = Event | Todo | Journal,
}
