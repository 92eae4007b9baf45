using System.Text;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>ENABLE (RFC 5161). Unknown extensions are ignored.</summary>
internal sealed record EnableCommand(bool CondStore, bool QResync) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var (condStore, qResync) = (false, false);
        do
        {
            if (!reader.ReadSpace() || !reader.ReadAtom(out var name)) return null;
            condStore |= Ascii.EqualsIgnoreCase(name, "CONDSTORE"u8);
            qResync |= Ascii.EqualsIgnoreCase(name, "QRESYNC"u8);
        }
        while (!reader.AtEnd);
        return new EnableCommand(condStore, qResync);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* ENABLED"u8);
        if (CondStore) writer.Write(" CONDSTORE"u8);
        if (QResync) writer.Write(" QRESYNC"u8);
        writer.EndLine();
        writer.Commit();
        // RFC 7162 §3.2.3: QRESYNC includes CONDSTORE.
        if (CondStore || QResync) session.EnableCondStore();
        session.Enabled.QResync |= QResync;
        session.Ok("ENABLE completed");
        return [];
    }
}
