using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>SETACL and DELETEACL (RFC 4314 §3.1, §3.2). Identifiers are addresses of accounts, and <c>anyone</c> for all accounts of the server; negative rights are not supported.</summary>
internal sealed record SetAclCommand(FolderName? Folder, string Identifier, FlagOperation Operation, FolderRights Rights) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!ReadIdentifier(ref reader, out var folder, out var identifier) || !reader.ReadSpace() || !reader.ReadAString(out var octets)) return null;
        var text = Encoding.Latin1.GetString(octets);
        var operation = text is ['+', ..] ? FlagOperation.Add : text is ['-', ..] ? FlagOperation.Remove : FlagOperation.Replace;
        // RFC 4314 §3.1: a right that is not known makes the command BAD.
        return FolderRightsText.TryParse(operation == FlagOperation.Replace ? text : text[1..], out var rights) ? new SetAclCommand(folder, identifier, operation, rights) : null;
    }

    public static ImapCommand? ReadDelete(ref ImapReader reader) =>
        ReadIdentifier(ref reader, out var folder, out var identifier) ? new SetAclCommand(folder, identifier, FlagOperation.Remove, FolderRights.All) : null;

    /// <summary>Reads a folder and an identifier, which is not empty (RFC 4314 §3).</summary>
    public static bool ReadIdentifier(ref ImapReader reader, out FolderName? folder, out string identifier)
    {
        (folder, identifier) = (null, "");
        if (!reader.ReadSpace() || !reader.ReadMailbox(out folder) || !reader.ReadSpace() || !reader.ReadAString(out var octets)) return false;
        identifier = Encoding.UTF8.GetString(octets);
        return identifier.Length > 0 && !identifier.Any(char.IsControl) && !identifier.Contains('\uFFFD', StringComparison.Ordinal);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        // First of all, because whoever has not the right learns nothing about accounts. The list also knows accounts that have been removed since.
        yield return ImapSession.Request(new MailboxRequest.GetGrants(folder));
        if (session.Reply is not MailboxReply.Grants { All: var grants })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        if (Identifier[0] == '-')
        {
            session.Refuse(ImapError.NegativeRights);
            yield break;
        }

        MailboxGuest? guest = null;
        if (Identifier != AccessRules.Anyone)
        {
            var isAddress = EmailAddress.TryParse(Identifier, out var address);
            if (isAddress) yield return new ImapEffect.FindGuest(address!);
            guest = isAddress ? session.Guest : null;
            if (guest is null && Operation == FlagOperation.Remove) guest = grants.FirstOrDefault(g => g.Guest?.Address.Equals(address) == true)?.Guest;
            if (guest is null)
            {
                if (isAddress && session.IsGuestUnavailable) session.Refuse(ImapError.Unavailable);
                else if (Operation == FlagOperation.Remove) session.Ok($"{Name} completed");
                else session.Refuse(ImapError.NoSuchAccount);
                yield break;
            }
        }

        yield return ImapSession.Request(new MailboxRequest.SetGrant(folder, guest, Operation, Rights));
        session.Conclude($"{Name} completed");
    }
}
