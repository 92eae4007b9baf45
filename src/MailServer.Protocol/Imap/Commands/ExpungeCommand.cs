using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1).</summary>
internal sealed record ExpungeCommand(SequenceSet? Within) : ImapCommand
{
    public override bool ChangesFolder => true;

    public static ImapCommand? Read(ref ImapReader reader) => new ExpungeCommand((SequenceSet?)null);

    public static ImapCommand? ReadUid(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadSequenceSet(out var set) ? new ExpungeCommand(set) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (session.Folder.IsReadOnly)
        {
            session.Refuse(ImapError.ReadOnly);
            yield break;
        }

        if (Within is not null) session.SyncView(mayExpunge: true);
        var view = session.Folder;
        var uids = Within is null ? null : UidSet.OfUids(view.Resolve(Within, isUid: true));
        yield return ImapSession.Request(new MailboxRequest.Expunge(view.Id, uids));
        if (session.Reply is MailboxReply.Expunged { Change: var change })
        {
            view.Apply(change);
            // RFC 7162 §3.2.7. All changes up to it are announced before the tagged response.
            var code = session.Enabled.QResync && view.HasUnannouncedExpunges ? $"HIGHESTMODSEQ {change.HighestModSeq.Value.ToString(CultureInfo.InvariantCulture)}" : null;
            session.Ok($"{Name} completed", code);
        }
        else
        {
            session.RefuseWithMailboxReply();
        }
    }
}
