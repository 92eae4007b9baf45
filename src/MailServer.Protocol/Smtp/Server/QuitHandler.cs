namespace MailServer.Protocol.Smtp.Server;

/// <summary>QUIT (RFC 5321 §4.1.1.10).</summary>
internal static class QuitHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (session.Transaction.Content is not null) yield return new SmtpEffect.DiscardMessage();
        session.Reply(SmtpReplies.Closing(session.Options.Hostname));
        yield return new SmtpEffect.Close();
    }
}
