using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>ID (RFC 2971). What clients say of themselves is read and not kept.</summary>
internal sealed record Id : ImapCommand
{
    private const int MostPairs = 30; // RFC 2971 §3.3

    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace()) return null;
        if (reader.TryReadWord("NIL"u8)) return new Id();
        if (!reader.Open()) return null;
        if (reader.Close()) return new Id();
        for (var pairs = 0; pairs < MostPairs; pairs++)
        {
            if (!reader.ReadString(out _) || !reader.ReadSpace() || !reader.ReadNString(out _)) return null;
            if (reader.Close()) return new Id();
            if (!reader.ReadSpace()) return null;
        }

        return null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        if (session.Options.ServerId is [var name, var version, ..])
        {
            writer.Write("* ID (\"name\" "u8);
            writer.Quoted(name);
            writer.Write(" \"version\" "u8);
            writer.Quoted(version);
            writer.Write(")\r\n"u8);
        }
        else
        {
            writer.Write("* ID NIL\r\n"u8);
        }

        writer.Commit();
        session.Ok("ID completed");
        return [];
    }
}
