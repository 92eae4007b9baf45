using System.Text;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>IDLE (RFC 2177): until the client sends DONE, <see cref="ImapSession.ApplyChange"/> reports every change at once, or those that the client has asked for with NOTIFY.</summary>
internal sealed record IdleCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new IdleCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("+ idling\r\n"u8);
        writer.Commit();
        foreach (var effect in session.Report(mayExpunge: true)) yield return effect;
        byte[] line;
        session.IsIdling = true;
        while (true)
        {
            while (session.HasWork)
            {
                foreach (var effect in session.Report(mayExpunge: true)) yield return effect;
            }

            if (session.TryTakeLine(out line)) break;
            yield return ImapSession.NeedInput;
        }

        session.IsIdling = false;
        if (Ascii.EqualsIgnoreCase(line, "DONE"u8)) session.Ok("IDLE completed");
        else session.Refuse(ImapError.Syntax);
    }
}
