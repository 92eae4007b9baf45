using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>What happened to a share.</summary>
public enum SharingEvent
{
    /// <summary>The sharee accepted the invitation.</summary>
    Accepted,

    /// <summary>The sharee declined the invitation, or left.</summary>
    Declined,

    /// <summary>The owner ended the share.</summary>
    Revoked,
}

/// <summary>Tells an account what the other side of a share did; kept until it is dismissed (calendarserver.org, caldav-sharing §5.5).</summary>
/// <param name="Id">Identifies the notice in the account.</param>
/// <param name="Event">What happened.</param>
/// <param name="At">When it happened.</param>
/// <param name="Other">Address of the other side: the sharee who answered, or the owner who ended the share.</param>
/// <param name="Target">Path of the collection in the owner's home.</param>
/// <param name="Access">Access rights of the sharee, also if they ended.</param>
/// <param name="Invitation">Id of the invitation.</param>
/// <param name="Summary">Text that the owner added to the invitation.</param>
public sealed record SharingNotice(
    string Id, SharingEvent Event, DateTimeOffset At, EmailAddress Other, CollectionPath Target, CollectionAccess Access, string Invitation, string Summary);
