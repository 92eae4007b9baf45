namespace MailServer.Protocol.Smtp.Commands;

/// <summary>The end of DATA and of BDAT LAST: the message is handed over, and the client hears what became of it.</summary>
internal static class Acceptance
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session)
    {
        yield return new SmtpEffect.AcceptMessage(session.Transaction.Complete(session));
        var reply = session.TakeReply();
        session.EndTransaction();
        if (reply.IsPositive) session.ForgiveErrors();
        session.Reply(reply);
    }
}
