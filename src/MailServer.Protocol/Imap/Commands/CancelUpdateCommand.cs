using System.Text;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>CANCELUPDATE (RFC 5267 §4.3.5). Tags without a context are ignored.</summary>
internal sealed record CancelUpdateCommand(IReadOnlyCollection<string> Tags) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            if (!reader.ReadSpace() || !reader.ReadString(out var tag)) return null;
            tags.Add(Encoding.Latin1.GetString(tag));
        }
        while (!reader.AtEnd);
        return new CancelUpdateCommand(tags);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        session.CancelContexts(Tags);
        session.Ok("CANCELUPDATE completed");
        return [];
    }
}
