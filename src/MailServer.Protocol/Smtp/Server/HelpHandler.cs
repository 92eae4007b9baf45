namespace MailServer.Protocol.Smtp.Server;

/// <summary>HELP (RFC 5321 §4.1.1.8).</summary>
internal static class HelpHandler
{
    public static IEnumerable<SmtpEffect?> Run(SmtpSession session, ReadOnlyMemory<byte> arguments)
    {
        session.Reply(SmtpReplies.HelpText);
        yield break;
    }
}
