namespace MailServer.Domain.Collections;

/// <summary>Which of an organizer's messages an attendee's copy comes from: its SEQUENCE, and its DTSTAMP in seconds of Unix time (RFC 5546 §2.1.5).</summary>
public readonly record struct ItipRevision(long Sequence, long Stamp)
{
    /// <summary>
    /// True when this one was overtaken by <paramref name="known"/>. Both numbers must say so, or one be equal: some organizers forget to
    /// count, others to stamp, and a late message loses less than a lost one.
    /// </summary>
    public bool IsOlderThan(ItipRevision known) => Sequence <= known.Sequence && Stamp <= known.Stamp && this != known;
}
