namespace MailServer.Domain.Collections;

/// <summary>The revision of an organizer's message from which an attendee's copy was made: SEQUENCE, and DTSTAMP in seconds of Unix time (RFC 5546 §2.1.5).</summary>
public readonly record struct ItipRevision(long Sequence, long Stamp)
{
    /// <summary>
    /// True if this revision is older than <paramref name="known"/>: neither number is higher, and they are not both equal. Both are compared because
    /// some organizers do not increase SEQUENCE and others do not update DTSTAMP, and applying an old message does less harm than losing one.
    /// </summary>
    public bool IsOlderThan(ItipRevision known) => Sequence <= known.Sequence && Stamp <= known.Stamp && this != known;
}
