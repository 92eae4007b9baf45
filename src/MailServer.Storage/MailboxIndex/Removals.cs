using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// EXPUNGE: the index first, with a memory of what was there; then the files. A crash between the two leaves files that the next opening removes.
/// A power cut may undo it until <see cref="MailboxStore.Flush"/> was called.
/// </summary>
internal sealed class Removals(MailboxContext context)
{
    public Outcome<MailboxChanged> Expunge(FolderId id, UidSet? within)
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

        if (doomed.Count > 0)
        {
            var removal = Prepare(folder, doomed, folder.Row);
            context.Index.Write(() => Record(removal));
            context.Passing("expunge: committed");
            Finish(removal);
        }

        return folder.Changed([]);
    }

    /// <summary>What removing the messages at these positions means for a folder whose numbers are <paramref name="row"/> by then.</summary>
    public Removal Prepare(Folder folder, IReadOnlyList<int> positions, FolderRow row)
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
            if (context.Index.BaseOf(folder.Id, uids[i]) is { } baseName) names[i] = folder.FileName(baseName, uids[i], entry);
        }

        return new Removal(folder, uids, names, row);
    }

    /// <summary>Inside a transaction.</summary>
    public void Record(Removal removal)
    {
        foreach (var uid in removal.Uids) context.Index.Expunge(removal.Folder.Id, uid, removal.Row.ModSeq);
        context.Index.SaveFolder(removal.Folder, removal.Row);
    }

    /// <summary>After the commit.</summary>
    public void Finish(Removal removal)
    {
        var folder = removal.Folder;
        folder.Row = removal.Row;
        folder.Messages!.Remove(removal.Uids);
        foreach (var uid in removal.Uids) folder.Unflushed.Remove(uid);
        var untouched = folder.IsUntouched;
        folder.Unsynced = true;
        foreach (var name in removal.Names)
        {
            try
            {
                // Not there: renamed by another tool; the next scan finds and removes it.
                if (name is not null && !Posix.TryUnlink(folder.Directory.PathOf(name))) untouched = false;
            }
            catch (IOException e)
            {
                context.Report(e.Message);
                untouched = false;
            }
        }

        if (untouched) folder.Settle(true);
        else folder.Row.CurrentTime = 0;
    }
}

/// <summary>Messages that are about to leave a folder, and the folder's numbers after it.</summary>
internal sealed record Removal(Folder Folder, uint[] Uids, string?[] Names, FolderRow Row);
