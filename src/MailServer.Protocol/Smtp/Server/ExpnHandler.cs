namespace MailServer.Protocol.Smtp.Server;

/// <summary>EXPN (RFC 5321 §4.1.1.7): not implemented, so that list members stay private (§7.3).</summary>
internal static class ExpnHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        session.Reply(SmtpReplies.NotImplemented);
        yield break;
    }
}
