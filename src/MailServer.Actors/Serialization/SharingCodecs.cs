using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests and replies about the rights to folders, and for the requests of guests.</summary>
internal static class SharingCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<MailboxRequest.GetRights>("mailbox.get-rights-1", (w, m) => w.Folder(m.Folder), r => new(r.Folder())),
        Create<MailboxRequest.GetGrants>("mailbox.get-grants-1", (w, m) => w.Folder(m.Folder), r => new(r.Folder())),
        Create<MailboxRequest.SetGrant>(
            "mailbox.set-grant-1",
            (w, m) => { w.Folder(m.Folder); w.Maybe(m.Guest, g => Write(w, g)); w.Enum(m.Operation); w.Enum(m.Rights); },
            r => new(r.Folder(), r.Maybe(() => ReadGuest(r)), r.Enum<FlagOperation>(), r.Enum<FolderRights>())),
        Create<MailboxRequest.Export>(
            "mailbox.export-1", (w, m) => { w.Long(m.Folder.Value); w.Numbers(m.Uids.Span); w.Bool(m.ForMove); }, r => new(new FolderId(r.Long()), r.Numbers(), r.Bool())),
        Create<MailboxRequest.RemoveMessages>("mailbox.remove-messages-1", (w, m) => { w.Long(m.Folder.Value); w.UidSet(m.Uids); }, r => new(new FolderId(r.Long()), r.UidSet())),
        Create<MailboxReply.Rights>("mailbox.rights-1", (w, m) => w.Enum(m.Mine), r => new(r.Enum<FolderRights>())),
        Create<MailboxReply.Grants>(
            "mailbox.grants-1",
            (w, m) => w.List(m.All, g => { w.Maybe(g.Guest, guest => Write(w, guest)); w.Enum(g.Rights); }),
            r => new(r.List(() => new FolderGrant(r.Maybe(() => ReadGuest(r)), r.Enum<FolderRights>())))),
        Create<MailboxReply.Exported>(
            "mailbox.exported-1", (w, m) => { w.Uids(m.Uids); w.List(m.Messages, n => MailboxCodecs.Write(w, n)); }, r => new(r.Uids(), r.List(() => MailboxCodecs.ReadNew(r)))),
        Create<MailboxProtocol.GuestRequest>(
            "mailbox.ask-as-guest-1",
            (w, m) => { w.Account(m.Account); Write(w, m.Guest); w.Message(m.Request); w.Long(m.Sequence); },
            r => new(r.Account(), ReadGuest(r), r.Message<MailboxRequest>(), r.Long())),
    ];

    private static void Write(WireWriter w, MailboxGuest guest)
    {
        w.Account(guest.Id);
        w.Address(guest.Address);
    }

    private static MailboxGuest ReadGuest(WireReader r) => new(r.Account(), r.Address());
}
