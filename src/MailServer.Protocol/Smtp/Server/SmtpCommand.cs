using System.Text;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>Executes a command: writes replies and yields effects; null means that the handler needs more input. The arguments are valid until the first effect.</summary>
internal delegate IEnumerable<SmtpEffect?> SmtpHandler(SmtpSession session, ReadOnlyMemory<byte> arguments);

/// <summary>One row of the command table.</summary>
/// <param name="Verb">The command's name.</param>
/// <param name="Run">The handler.</param>
/// <param name="Allowed">The states in which the command is allowed; in others the reply is 503.</param>
/// <param name="NeedsAccount">Submission only: unauthenticated clients get 530 (RFC 6409 §4.3).</param>
/// <param name="MayBeUtf8">Whether the arguments may contain non-ASCII text (RFC 6531 §3.3).</param>
internal sealed record SmtpCommand(string Verb, SmtpHandler Run, SmtpState Allowed, bool NeedsAccount = false, bool MayBeUtf8 = false)
{
    /// <summary>All commands with the states in which they are allowed (RFC 5321 §4.1.4).</summary>
    private static readonly SmtpCommand[] Table =
    [
        new("EHLO", EhloHandler.Ehlo, SmtpState.Any),
        new("HELO", EhloHandler.Helo, SmtpState.Any),
        new("MAIL", MailHandler.Run, SmtpState.Greeted, NeedsAccount: true, MayBeUtf8: true),
        new("RCPT", RcptHandler.Run, SmtpState.Mail | SmtpState.Recipients, MayBeUtf8: true),
        new("DATA", DataHandler.Run, SmtpState.Recipients),
        new("BDAT", BdatHandler.Run, SmtpState.Any), // must consume its octets in any state before it is refused
        new("RSET", RsetHandler.Run, SmtpState.Any),
        new("NOOP", NoopHandler.Run, SmtpState.Any, MayBeUtf8: true),
        new("QUIT", QuitHandler.Run, SmtpState.Any),
        new("STARTTLS", StartTlsHandler.Run, SmtpState.Greeted),
        new("AUTH", AuthHandler.Run, SmtpState.Greeted),
        new("VRFY", VrfyHandler.Run, SmtpState.Any, MayBeUtf8: true),
        new("EXPN", ExpnHandler.Run, SmtpState.Any, MayBeUtf8: true),
        new("HELP", HelpHandler.Run, SmtpState.Any),
    ];

    /// <summary>Finds the command at the start of <paramref name="line"/>; null when it is unknown.</summary>
    public static SmtpCommand? Find(ReadOnlySpan<byte> line, out int argumentsAt)
    {
        var end = line.IndexOf((byte)' ');
        if (end < 0) end = line.Length;
        argumentsAt = Math.Min(end + 1, line.Length);
        foreach (var command in Table)
            if (Ascii.EqualsIgnoreCase(line[..end], command.Verb)) return command;
        return null;
    }

    /// <summary>The reply when the command is not allowed in the session's state; null when it is allowed.</summary>
    public SmtpReply? RefusalIn(SmtpSession session)
    {
        if ((Allowed & session.State) == 0) return SmtpReplies.BadSequence(session.State, Verb);
        if (!NeedsAccount || session.Options.Policy != SessionPolicy.Submission || session.Account is not null) return null;
        return session.MustStartTls ? SmtpReplies.MustStartTls : SmtpReplies.AuthenticationRequired;
    }
}
