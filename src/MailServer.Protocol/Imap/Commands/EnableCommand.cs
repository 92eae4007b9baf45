using System.Text;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>ENABLE (RFC 5161). Extensions that are unknown or need not be enabled are ignored.</summary>
internal sealed record EnableCommand(IReadOnlyList<string> Names) : ImapCommand
{
    private static readonly string[] Known = ["CONDSTORE", "QRESYNC", "IMAP4rev2", "UTF8=ACCEPT"];

    public static ImapCommand? Read(ref ImapReader reader)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        do
        {
            if (!reader.ReadSpace() || !reader.ReadAtom(out var name)) return null;
            names.Add(Encoding.ASCII.GetString(name));
        }
        while (!reader.AtEnd);
        return new EnableCommand([.. Known.Where(names.Contains)]);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var enabled = Names.Where(name => !session.IsDisabled(name)).ToList();
        var writer = new ImapWriter(session.Output);
        writer.Write("* ENABLED"u8);
        foreach (var name in enabled)
        {
            writer.Write((byte)' ');
            writer.Write(name);
        }

        writer.EndLine();
        writer.Commit();
        // RFC 7162 §3.2.3: QRESYNC includes CONDSTORE.
        if (enabled.Contains("CONDSTORE") || enabled.Contains("QRESYNC")) session.EnableCondStore();
        session.Enabled.QResync |= enabled.Contains("QRESYNC");
        session.Enabled.Rev2 |= enabled.Contains("IMAP4rev2");
        session.Enabled.Utf8 |= enabled.Contains("UTF8=ACCEPT");
        session.Ok("ENABLE completed");
        return [];
    }
}
