using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// EXPUNGE. The index is updated first and records the removals; then the files are deleted. A crash in between leaves
/// files that the next opening deletes. A power cut may undo the removal until <see cref="MailboxStore.Flush"/> is called.
/// </summary>
internal sealed class Expunger(MailboxContext context)
{
    public MailboxResult<MailboxChanged> Expunge(FolderId id, UidSet? within)
    {
        if (!context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        var messages = context.Load(folder);
        var doomed = new List<int>();
        if (folder.Row.Deleted > 0)
        {
            for (var i = 0; i < messages.Count; i++)
            {
                if ((messages[i].System & SystemFlags.Deleted) != 0 && (within is null || within.Contains(messages.Uids[i]))) doomed.Add(i);
            }
        }

        return Remove(folder, doomed);
    }

    /// <summary>Removes messages, whatever their flags are.</summary>
    public MailboxResult<MailboxChanged> Remove(FolderId id, UidSet uids)
    {
        if (!context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        var messages = context.Load(folder);
        return Remove(folder, messages.Positions(uids.Intersect(messages.Uids)));
    }

    private MailboxChanged Remove(Folder folder, IReadOnlyList<int> doomed)
    {
        if (doomed.Count > 0)
        {
            var removal = Prepare(folder, doomed, folder.Row);
            context.Index.Write(() => Record(removal));
            context.FaultPoint("expunge: committed");
            Finish(removal);
        }

        return folder.Changed([]);
    }

    /// <summary>Prepares the removal of the messages at these positions. <paramref name="row"/> contains the folder's counters before the removal.</summary>
    public PendingExpunge Prepare(Folder folder, IReadOnlyList<int> positions, FolderRow row)
    {
        var messages = folder.Messages!;
        var uids = new uint[positions.Count];
        var names = new string?[positions.Count];
        row.ModSeq++;
        folder.Reserve(row);
        for (var i = 0; i < uids.Length; i++)
        {
            ref var entry = ref messages[positions[i]];
            uids[i] = messages.Uids[positions[i]];
            row.Count(entry.System, entry.Size, -1);
            if (context.Index.Messages.BaseOf(folder.Id, uids[i]) is { } baseName) names[i] = folder.FileName(baseName, uids[i], entry);
        }

        return new PendingExpunge(folder, uids, names, row);
    }

    /// <summary>Writes the removal to the index; must be called within a transaction.</summary>
    public void Record(PendingExpunge removal)
    {
        foreach (var uid in removal.Uids) context.Index.Expunge(removal.Folder.Id, uid, removal.Row.ModSeq);
        context.Index.Folders.Save(removal.Folder, removal.Row);
    }

    /// <summary>Forgets the oldest removals of a folder, so that their number is bounded; must be called within a transaction that saves the folder.</summary>
    public void Prune(Folder folder)
    {
        folder.Removals = 0;
        var last = context.Index.Expunged.Prune(folder.Id, context.Options.Limits.ExpungedHistory);
        folder.Row.HistoryFrom = Math.Max(folder.Row.HistoryFrom, last);
    }

    /// <summary>Completes the removal after the commit.</summary>
    public void Finish(PendingExpunge removal)
    {
        var folder = removal.Folder;
        folder.Row = removal.Row;
        folder.Removals += removal.Uids.Length;
        if (folder.Removals > context.Options.Limits.ExpungedHistory)
        {
            context.Index.Write(() =>
            {
                Prune(folder);
                context.Index.Folders.Save(folder, folder.Row);
            });
        }

        folder.Messages!.Remove(removal.Uids);
        foreach (var uid in removal.Uids) folder.StaleFileLetters.Remove(uid);
        var untouched = folder.IsUnchangedOnDisk;
        folder.NeedsDirectorySync = true;
        foreach (var name in removal.Names)
        {
            try
            {
                // The file is missing because another tool renamed it; the next scan finds and deletes it.
                if (name is not null && !Posix.TryUnlink(folder.Directory.PathOf(name))) untouched = false;
            }
            catch (IOException e)
            {
                context.Report(e.Message);
                untouched = false;
            }
        }

        if (untouched) folder.RecordDirectoryTime(true);
        else folder.Row.DirectoryTime = 0;
    }
}

/// <summary>Messages to be removed from a folder, and the folder's counters afterwards.</summary>
internal sealed record PendingExpunge(Folder Folder, uint[] Uids, string?[] Names, FolderRow Row);
