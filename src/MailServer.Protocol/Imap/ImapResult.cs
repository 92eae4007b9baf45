using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap;

/// <summary>The completion of a command: <c>OK</c>, <c>NO</c> or <c>BAD</c>, an optional response code, and a text.</summary>
internal readonly record struct ImapResult(string Status, string? Code, string Text)
{
    /// <summary>Writes the tagged response, or an untagged one when <paramref name="tag"/> is null.</summary>
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
