using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>STARTTLS (RFC 3501 §6.2.1). Plaintext input after the command is discarded.</summary>
internal sealed record StartTlsCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new StartTlsCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (session.Tls is not null)
        {
            session.Refuse(ImapError.TlsAlreadyActive);
            yield break;
        }

        if (!session.Options.TlsAvailable)
        {
            session.Refuse(ImapError.TlsUnavailable);
            yield break;
        }

        session.Ok("Begin TLS now");
        session.WriteResult(Tag);
        session.DropInput();
        yield return new ImapEffect.StartTls();
    }
}
