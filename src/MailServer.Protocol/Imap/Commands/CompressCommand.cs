using System.Text;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>COMPRESS (RFC 4978 §3). The client waits for the answer; what it has sent ahead is discarded.</summary>
internal sealed record CompressCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadAtom(out var algorithm) && Ascii.EqualsIgnoreCase(algorithm, "DEFLATE"u8) ? new CompressCommand() : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (session.IsCompressed)
        {
            session.Refuse(ImapError.CompressionActive);
            yield break;
        }

        session.Ok("DEFLATE active");
        session.WriteResult(Tag);
        session.IsCompressed = true;
        session.DropInput();
        yield return new ImapEffect.StartCompression();
    }
}
