using System.Net;

namespace MailServer.Domain.Access;

/// <summary>Something that an administrator or an auditor may ask about later: a sign-in, a ban, a change of the directory, a command to the running server.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What, as <c>thing.happened</c>: <c>sign-in.failed</c>, <c>user.added</c>.</param>
/// <param name="Account">Whom it is about: an address, or what was typed as one; empty when nobody.</param>
/// <param name="Actor">Who did it: <c>imap</c>, <c>submission</c>, <c>dav</c>, <c>command line (name)</c>, <c>admin socket</c>, <c>server</c>.</param>
/// <param name="Address">From where, if over the network.</param>
/// <param name="Detail">The rest in words. Never a secret.</param>
public sealed record AuditEvent(DateTimeOffset At, string Kind, string Account, string Actor, IPAddress? Address, string Detail);

/// <summary>Where events are written down.</summary>
public interface IAuditLog
{
    /// <summary>Writes soon and does not wait; safe from any thread.</summary>
    void Note(AuditEvent happened);
}

/// <summary>Writes nothing down.</summary>
public sealed class NoAudit : IAuditLog
{
    public static NoAudit Instance { get; } = new();

    public void Note(AuditEvent happened) { }
}
