namespace MailServer.Protocol.Smtp.Server;

/// <summary>VRFY (RFC 5321 §4.1.1.6): does not reveal which addresses exist (§7.3).</summary>
internal static class VrfyHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        session.Reply(arguments.IsEmpty ? SmtpReplies.ArgumentNeeded : SmtpReplies.CannotVerify);
        yield break;
    }
}
