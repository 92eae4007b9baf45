using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>LOGOUT (RFC 3501 §6.1.3).</summary>
internal sealed record LogoutCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new LogoutCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        session.Bye("Logging out");
        session.Ok("LOGOUT completed");
        session.WriteResult(Tag);
        return [];
    }
}
