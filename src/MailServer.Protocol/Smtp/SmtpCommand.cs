using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Commands;

namespace MailServer.Protocol.Smtp;

/// <summary>
/// A command's meaning. It writes replies and hands out effects; null says that it needs more octets of the client.
/// The arguments are valid until the first effect.
/// </summary>
internal delegate IEnumerable<SmtpEffect?> SmtpHandler(SmtpSession session, ReadOnlyMemory<byte> arguments);

/// <summary>One row of the order of commands.</summary>
/// <param name="Verb">Its name.</param>
/// <param name="Run">Its meaning.</param>
/// <param name="Allowed">The states in which it may come; in others it is 503.</param>
/// <param name="NeedsAccount">Submission: only for those who signed in, 530 for others (RFC 6409 §4.3).</param>
/// <param name="MayBeUtf8">Its arguments may hold other than ASCII (RFC 6531 §3.3).</param>
internal sealed record SmtpCommand(string Verb, SmtpHandler Run, SmtpState Allowed, bool NeedsAccount = false, bool MayBeUtf8 = false)
{
    /// <summary>The order of commands (RFC 5321 §4.1.4).</summary>
    private static readonly SmtpCommand[] Table =
    [
        new("EHLO", Hello.Extended, SmtpState.Any),
        new("HELO", Hello.Plain, SmtpState.Any),
        new("MAIL", Mail.Run, SmtpState.Greeted, NeedsAccount: true, MayBeUtf8: true),
        new("RCPT", Recipient.Run, SmtpState.Mail | SmtpState.Recipients, MayBeUtf8: true),
        new("DATA", Data.Run, SmtpState.Recipients),
        new("BDAT", Chunk.Run, SmtpState.Any), // eats its octets whatever the state, then refuses
        new("RSET", Reset.Run, SmtpState.Any),
        new("NOOP", NoOperation.Run, SmtpState.Any, MayBeUtf8: true),
        new("QUIT", Quit.Run, SmtpState.Any),
        new("STARTTLS", StartTls.Run, SmtpState.Greeted),
        new("AUTH", Authenticate.Run, SmtpState.Greeted),
        new("VRFY", Verify.Run, SmtpState.Any, MayBeUtf8: true),
        new("EXPN", Expand.Run, SmtpState.Any, MayBeUtf8: true),
        new("HELP", Help.Run, SmtpState.Any),
    ];

    /// <summary>The command that <paramref name="line"/> begins, or null.</summary>
    public static SmtpCommand? Find(ReadOnlySpan<byte> line, out int argumentsAt)
    {
        var end = line.IndexOf((byte)' ');
        if (end < 0) end = line.Length;
        argumentsAt = Math.Min(end + 1, line.Length);
        foreach (var command in Table)
            if (Ascii.EqualsIgnoreCase(line[..end], command.Verb)) return command;
        return null;
    }

    /// <summary>Why it may not come now; null when it may.</summary>
    public SmtpReply? RefusalIn(SmtpSession session)
    {
        if ((Allowed & session.State) == 0) return SmtpReplies.BadSequence(session.State, Verb);
        if (!NeedsAccount || session.Options.Policy != SessionPolicy.Submission || session.Account is not null) return null;
        return session.MustStartTls ? SmtpReplies.MustStartTls : SmtpReplies.AuthenticationRequired;
    }
}
