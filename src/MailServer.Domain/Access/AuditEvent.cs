using System.Net;

namespace MailServer.Domain.Access;

/// <summary>An entry of the audit log: a sign-in, a ban, a change of the directory, or a command to the running server.</summary>
/// <param name="At">Time of the event.</param>
/// <param name="Kind">Kind in the form <c>subject.event</c>, for example <c>sign-in.failed</c> or <c>user.added</c>.</param>
/// <param name="Account">The account concerned: its address, or the login as typed; empty if there is none.</param>
/// <param name="Actor">The origin: <c>imap</c>, <c>submission</c>, <c>dav</c>, <c>command line (name)</c>, <c>admin socket</c>, <c>server</c>.</param>
/// <param name="Address">Client address; null for local actions.</param>
/// <param name="Detail">Further details as text. Never contains a secret.</param>
public sealed record AuditEvent(DateTimeOffset At, string Kind, string Account, string Actor, IPAddress? Address, string Detail);

/// <summary>Receives audit events.</summary>
public interface IAuditLog
{
    /// <summary>Queues an event for writing without blocking. Safe for use from any thread.</summary>
    void Note(AuditEvent happened);
}

/// <summary>Discards all events.</summary>
public sealed class NullAuditLog : IAuditLog
{
    public static NullAuditLog Instance { get; } = new();

    public void Note(AuditEvent happened) { }
}
