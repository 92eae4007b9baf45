using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>NAMESPACE (RFC 2342): the own folders, those of other users, and those of shared mailboxes; the hierarchy delimiter is a slash.</summary>
internal sealed record NamespaceCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new NamespaceCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* NAMESPACE ((\"\" \"/\")) "u8);
        writer.Write(session.OffersSharing ? $"((\"{SharedNamespaces.OtherUsers}/\" \"/\")) ((\"{SharedNamespaces.SharedFolders}/\" \"/\"))" : "NIL NIL");
        writer.EndLine();
        writer.Commit();
        session.Ok("NAMESPACE completed");
        return [];
    }
}
