using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>NAMESPACE (RFC 2342): one personal namespace; the hierarchy delimiter is a slash.</summary>
internal sealed record NamespaceCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new NamespaceCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"u8);
        writer.Commit();
        session.Ok("NAMESPACE completed");
        return [];
    }
}
