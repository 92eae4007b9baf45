namespace MailServer.Protocol.Dav.Properties;

/// <summary>The scheduling privileges (RFC 6638 §6): the owner may send from the outbox, and every local user may deliver to the inbox.</summary>
internal static class SchedulingPrivileges
{
    public static ReadOnlySpan<byte> Of(DavResourceKind kind) => kind switch
    {
        DavResourceKind.ScheduleInbox => "<D:privilege><C:schedule-deliver/></D:privilege><D:privilege><C:schedule-deliver-invite/></D:privilege><D:privilege><C:schedule-deliver-reply/></D:privilege><D:privilege><C:schedule-query-freebusy/></D:privilege>"u8,
        DavResourceKind.ScheduleOutbox => "<D:privilege><C:schedule-send/></D:privilege><D:privilege><C:schedule-send-invite/></D:privilege><D:privilege><C:schedule-send-reply/></D:privilege><D:privilege><C:schedule-send-freebusy/></D:privilege>"u8,
        _ => [],
    };
}
