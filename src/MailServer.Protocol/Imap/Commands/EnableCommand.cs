using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>ENABLE (RFC 5161). No supported extension needs it, so it enables nothing.</summary>
internal sealed record EnableCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        do
        {
            if (!reader.ReadSpace() || !reader.ReadAtom(out _)) return null;
        }
        while (!reader.AtEnd);
        return new EnableCommand();
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* ENABLED\r\n"u8);
        writer.Commit();
        session.Ok("ENABLE completed");
        return [];
    }
}
