namespace MailServer.Protocol.Smtp.Server;

/// <summary>RSET (RFC 5321 §4.1.1.5): discards the transaction.</summary>
internal static class RsetHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (!arguments.IsEmpty)
        {
            session.Reply(SmtpReplies.NoArguments);
            yield break;
        }

        if (session.Transaction.Content is not null) yield return new SmtpEffect.DiscardMessage();
        session.EndTransaction();
        session.Reply(SmtpReplies.ResetOk);
    }
}
