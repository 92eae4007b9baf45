namespace MailServer.Protocol.Smtp.Commands;

/// <summary>EXPN (RFC 5321 §4.1.1.7): lists are not told (§7.3).</summary>
internal static class Expand
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        session.Reply(SmtpReplies.NotImplemented);
        yield break;
    }
}
