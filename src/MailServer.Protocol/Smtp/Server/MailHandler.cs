using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>MAIL FROM:&lt;reverse-path&gt; (RFC 5321 §4.1.1.2) begins a transaction.</summary>
internal static class MailHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (++session.Transactions > session.Limits.SmtpTransactions)
        {
            session.Reply(SmtpReplies.TooManyTransactions(session.Options.Hostname));
            yield return new SmtpEffect.Close();
        }

        var transaction = session.Transaction;
        if (Read(session, arguments.Span, transaction) is { } refusal)
        {
            session.Reply(refusal);
            session.EndTransaction();
            yield break;
        }

        yield return new SmtpEffect.CheckSender(transaction.Sender);
        var reply = session.TakeReply();
        if (reply.IsPositive) session.State = SmtpState.Mail;
        else session.EndTransaction();
        session.Reply(reply);
    }

    private static SmtpReply? Read(SmtpSession session, ReadOnlySpan<byte> arguments, OpenTransaction transaction)
    {
        if (!SmtpPath.TryRead(arguments, "FROM:"u8, out var path, out var rest)) return SmtpReplies.BadSenderSyntax;
        if (path.Address is null && !path.IsEmpty) return SmtpReplies.BadSenderSyntax;
        var wishes = new EnvelopeOptionParameters(session.OfferedEnvelopeOptions, session.Now);
        var parameters = new MailParameters(wishes);
        if (parameters.Read(rest) is { } refusal) return refusal;
        if (!path.IsAscii && !parameters.SmtpUtf8) return SmtpReplies.NotAsciiAddress;
        if (parameters.Size > session.Limits.MaxMessageSize) return SmtpReplies.MessageTooLarge;
        transaction.Sender = path.Address;
        transaction.SmtpUtf8 = parameters.SmtpUtf8;
        transaction.EightBit = parameters.EightBit;
        transaction.Return = parameters.Return;
        transaction.EnvelopeId = parameters.EnvelopeId;
        transaction.Options = wishes.Options;
        return null;
    }
}
