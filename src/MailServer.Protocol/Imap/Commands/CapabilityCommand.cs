using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>CAPABILITY (RFC 3501 §6.1.1).</summary>
internal sealed record CapabilityCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => new CapabilityCommand();

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* "u8);
        Capabilities.Write(ref writer, session);
        writer.EndLine();
        writer.Commit();
        session.Ok("CAPABILITY completed");
        return [];
    }
}
