using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap;

/// <summary>How a command ended: <c>OK</c>, <c>NO</c> or <c>BAD</c>, a response code if any, and a text.</summary>
internal readonly record struct ImapResult(string Status, string? Code, string Text)
{
    /// <summary>The tagged response; untagged where the command had no tag.</summary>
    public void Write(ref ImapWriter writer, string? tag)
    {
        writer.Write(tag ?? "*");
        writer.Write((byte)' ');
        writer.Write(Status);
        if (Code is not null)
        {
            writer.Write(" ["u8);
            writer.Write(Code);
            writer.Write((byte)']');
        }

        writer.Write((byte)' ');
        writer.Write(Text);
        writer.EndLine();
    }
}
