using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>RCPT TO:&lt;forward-path&gt; (RFC 5321 §4.1.1.3): adds a recipient.</summary>
internal static class RcptHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (Read(session, arguments.Span, out var recipient, out var request) is { } refusal)
        {
            session.Reply(refusal);
            yield break;
        }

        yield return new SmtpEffect.CheckRecipient(recipient!);
        var reply = session.TakeReply();
        if (reply.IsPositive)
        {
            session.Transaction.Recipients.Add(recipient!);
            if (request is not null) session.Transaction.RecipientRequests[recipient!] = request;
            session.State = SmtpState.Recipients;
        }

        session.Reply(reply);
    }

    private static SmtpReply? Read(SmtpSession session, ReadOnlySpan<byte> arguments, out EmailAddress? recipient, out RecipientDsnRequest? request)
    {
        (recipient, request) = (null, null);
        if (!SmtpPath.TryRead(arguments, "TO:"u8, out var path, out var rest)) return SmtpReplies.BadRecipientSyntax;
        // RFC 5321 §4.5.1: postmaster without a domain is the postmaster of this host.
        var named = path.Text.Equals("postmaster", StringComparison.OrdinalIgnoreCase) ? $"postmaster@{session.Options.Hostname}" : path.Text;
        if (!EmailAddress.TryParse(named, out recipient)) return SmtpReplies.BadRecipientSyntax;
        var parameters = new RecipientParameters();
        if (parameters.Read(rest) is { } refusal) return refusal;
        request = parameters.Request;
        if (!path.IsAscii && !session.Transaction.SmtpUtf8) return SmtpReplies.NotAsciiAddress;
        return session.Transaction.Recipients.Count >= session.Limits.SmtpRecipients ? SmtpReplies.TooManyRecipients : null;
    }
}
