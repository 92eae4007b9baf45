using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>A question about the rights to a folder, which its mailbox answers or refuses.</summary>
internal abstract record RightsQuestion(FolderName? Folder) : ImapCommand
{
    public sealed override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        yield return ImapSession.Request(Question(folder));
        if (session.Reply is MailboxReply.Grants or MailboxReply.Rights) Answer(session, folder, session.Reply);
        else session.RefuseWithMailboxReply();
    }

    protected abstract MailboxRequest Question(FolderName folder);

    protected abstract void Answer(ImapSession session, FolderName folder, MailboxReply reply);
}

/// <summary>GETACL (RFC 4314 §3.3). The owner, who has all rights, comes first.</summary>
internal sealed record GetAclCommand(FolderName? Folder) : RightsQuestion(Folder)
{
    public static ImapCommand? Read(ref ImapReader reader) => reader.ReadSpace() && reader.ReadMailbox(out var folder) ? new GetAclCommand(folder) : null;

    protected override MailboxRequest Question(FolderName folder) => new MailboxRequest.GetGrants(folder);

    protected override void Answer(ImapSession session, FolderName folder, MailboxReply reply)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* ACL "u8);
        writer.Mailbox(folder.Value, session.Enabled.Utf8Names);
        var place = session.PlaceOf(folder);
        // Nobody signs in to a shared mailbox.
        if (place.Owner is not { IsShared: true }) Write(ref writer, OwnerOf(session, folder).ToString(), FolderRights.All);
        foreach (var grant in ((MailboxReply.Grants)reply).All) Write(ref writer, grant.Guest?.Address.ToString() ?? AccessRules.Anyone, grant.Rights);
        writer.EndLine();
        writer.Commit();
        session.Ok("GETACL completed");
    }

    /// <summary>The address of the account whose folder it is.</summary>
    public static EmailAddress OwnerOf(ImapSession session, FolderName folder) => session.PlaceOf(folder).Owner?.Address ?? session.Account!.Address;

    private static void Write(ref ImapWriter writer, string identifier, FolderRights rights)
    {
        writer.Write((byte)' ');
        WriteIdentifier(ref writer, identifier);
        writer.Write((byte)' ');
        writer.Write(FolderRightsText.Format(rights));
    }

    public static void WriteIdentifier(ref ImapWriter writer, string identifier)
    {
        if (Ascii.IsValid(identifier)) writer.AString(identifier);
        else writer.UnicodeString(identifier);
    }
}

/// <summary>LISTRIGHTS (RFC 4314 §3.4): no rights are tied together; the owner always has all.</summary>
internal sealed record ListRightsCommand(FolderName? Folder, string Identifier) : RightsQuestion(Folder)
{
    public static ImapCommand? Read(ref ImapReader reader) => SetAclCommand.ReadIdentifier(ref reader, out var folder, out var identifier) ? new ListRightsCommand(folder, identifier) : null;

    // The same right is needed, and what is not known is answered alike.
    protected override MailboxRequest Question(FolderName folder) => new MailboxRequest.GetGrants(folder);

    protected override void Answer(ImapSession session, FolderName folder, MailboxReply reply)
    {
        var all = FolderRightsText.Format(FolderRights.All);
        var isOwner = EmailAddress.TryParse(Identifier, out var address) && address.Equals(GetAclCommand.OwnerOf(session, folder));
        var writer = new ImapWriter(session.Output);
        writer.Write("* LISTRIGHTS "u8);
        writer.Mailbox(folder.Value, session.Enabled.Utf8Names);
        writer.Write((byte)' ');
        GetAclCommand.WriteIdentifier(ref writer, Identifier);
        writer.Write(isOwner ? $" {all}" : $" \"\" {string.Join(' ', all.AsEnumerable())}");
        writer.EndLine();
        writer.Commit();
        session.Ok("LISTRIGHTS completed");
    }
}

/// <summary>MYRIGHTS (RFC 4314 §3.5).</summary>
internal sealed record MyRightsCommand(FolderName? Folder) : RightsQuestion(Folder)
{
    public static ImapCommand? Read(ref ImapReader reader) => reader.ReadSpace() && reader.ReadMailbox(out var folder) ? new MyRightsCommand(folder) : null;

    protected override MailboxRequest Question(FolderName folder) => new MailboxRequest.GetRights(folder);

    protected override void Answer(ImapSession session, FolderName folder, MailboxReply reply)
    {
        Write(session, folder, ((MailboxReply.Rights)reply).Mine);
        session.Ok("MYRIGHTS completed");
    }

    /// <summary><c>* MYRIGHTS folder rights</c>.</summary>
    public static void Write(ImapSession session, FolderName folder, FolderRights rights)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* MYRIGHTS "u8);
        writer.Mailbox(folder.Value, session.Enabled.Utf8Names);
        writer.Write((byte)' ');
        writer.Write(FolderRightsText.Format(rights));
        writer.EndLine();
        writer.Commit();
    }
}
