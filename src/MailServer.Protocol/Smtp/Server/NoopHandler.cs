namespace MailServer.Protocol.Smtp.Server;

/// <summary>NOOP (RFC 5321 §4.1.1.9); what follows it is ignored.</summary>
internal static class NoopHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        session.Reply(SmtpReplies.NoOperationOk);
        yield break;
    }
}
