namespace MailServer.Protocol.Smtp.Server;

/// <summary>Completes DATA and BDAT LAST: hands the message to the driver and sends its reply to the client.</summary>
internal static class MessageAcceptance
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session)
    {
        yield return new SmtpEffect.AcceptMessage(session.Transaction.Complete(session));
        var reply = session.TakeReply();
        session.EndTransaction();
        if (reply.IsPositive) session.ResetErrors();
        session.Reply(reply);
    }
}
