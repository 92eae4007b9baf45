namespace MailServer.Protocol.Smtp.Server;

/// <summary>STARTTLS (RFC 3207 §4). The driver discards plaintext input after the command; the session does not read it.</summary>
internal static class StartTlsHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (Refusal(session, arguments) is { } refusal)
        {
            session.Reply(refusal);
            yield break;
        }

        session.Reply(SmtpReplies.ReadyForTls);
        yield return new SmtpEffect.StartTls();
    }

    private static Domain.Delivery.SmtpReply? Refusal(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        if (!arguments.IsEmpty) return SmtpReplies.NoArguments;
        if (session.Tls is not null) return SmtpReplies.AlreadyTls;
        if (!session.Options.TlsAvailable) return SmtpReplies.TlsUnavailable;
        return session.Account is null ? null : SmtpReplies.AlreadyAuthenticated;
    }
}
