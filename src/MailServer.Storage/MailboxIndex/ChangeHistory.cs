using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>What has changed in a folder since a mod-sequence, for clients that synchronise (RFC 7162).</summary>
internal sealed class ChangeHistory(MailboxContext context)
{
    /// <param name="folder">The folder.</param>
    /// <param name="since">The mod-sequence up to which the client knows all changes.</param>
    /// <param name="within">The UIDs that the client asks about.</param>
    public MailboxReply.Changes Since(Folder folder, ModSeq since, UidSet within)
    {
        var messages = context.Load(folder);
        var changed = new List<Uid>();
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].ModSeq > since.Value && within.Contains(messages.Uids[i])) changed.Add(new Uid(messages.Uids[i]));
        }

        return new MailboxReply.Changes(changed, Removed(folder, since, messages).Intersect(within));
    }

    /// <summary>The highest mod-sequence of these messages; 0 if none of them exists.</summary>
    public ModSeq Highest(Folder folder, UidSet uids)
    {
        var messages = context.Load(folder);
        return new ModSeq(messages.Positions(uids.Intersect(messages.Uids)).Select(p => messages[p].ModSeq).DefaultIfEmpty().Max());
    }

    // Of a time that the history does not cover, every UID that was given and does not exist may have been removed.
    private UidSet Removed(Folder folder, ModSeq since, MessageTable messages)
    {
        if (since.Value >= folder.Row.HistoryFrom) return UidSet.OfUids(context.Index.Expunged.Since(folder.Id, since.Value));
        return folder.Row.UidNext > 1 ? UidSet.Of((1u, folder.Row.UidNext - 1)).Except(messages.Uids) : UidSet.Empty;
    }
}
