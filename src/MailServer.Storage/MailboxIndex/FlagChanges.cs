using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>STORE: the index first, in one transaction; the names of files follow when <see cref="Flush"/> is called.</summary>
internal sealed class FlagChanges(MailboxContext context)
{
    public Outcome<MailboxChanged> Store(FolderId id, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags)
    {
        if (!context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        var added = operation == FlagOperation.Remove ? KeywordSet.Empty : flags.Keywords;
        if (context.WithKeywords(folder, added) is not { } keywords) return MailboxRefusal.LimitReached;
        var positions = context.Load(folder).Positions(uids);
        if (positions.Length > 0)
        {
            folder.AssignLetters(added);
            folder.Keywords = keywords;
        }

        Change(folder, positions, operation, flags);
        var told = new FlagChange[positions.Length];
        for (var i = 0; i < told.Length; i++) told[i] = Describe(folder, positions[i]);
        return folder.Changed(told);
    }

    /// <summary>Sets <c>\Seen</c>; returns the messages that did not have it.</summary>
    public List<FlagChange> MarkSeen(Folder folder, int[] positions)
    {
        var changed = Change(folder, positions, FlagOperation.Add, new MessageFlags(SystemFlags.Seen));
        return changed.ConvertAll(p => Describe(folder, p));
    }

    /// <summary>Renames files whose names tell old flags, at most <paramref name="limit"/> of them.</summary>
    public FlushOutcome Flush(int limit)
    {
        var changes = new List<MailboxChanged>();
        foreach (var folder in context.Folders)
        {
            if (folder.Unflushed.Count == 0) continue;
            if (limit <= 0) return new FlushOutcome(true, changes);
            if (!Rename(folder, ref limit))
            {
                // Another tool was here: find what it did, then try once more.
                if (new FolderScan(context).Run(folder) is { } change) changes.Add(change);
                Rename(folder, ref limit);
            }

            if (folder.Unflushed.Count > 0 && limit > 0) context.Report($"{folder.Name}: {folder.Unflushed.Count} files could not be renamed");
            if (folder.Unflushed.Count == 0) folder.Row.FlushedModSeq = folder.Row.ModSeq;
        }

        return new FlushOutcome(limit <= 0, changes);
    }

    private List<int> Change(Folder folder, int[] positions, FlagOperation operation, MessageFlags change)
    {
        var messages = folder.Messages!;
        var changed = new List<int>(positions.Length);
        foreach (var position in positions)
        {
            var flags = messages[position].Flags;
            if (flags.Apply(operation, change) != flags) changed.Add(position);
        }

        if (changed.Count == 0) return changed;
        var row = folder.Row;
        row.ModSeq++;
        folder.Reserve(row);
        foreach (var position in changed)
        {
            row.Recount(messages[position].System, -1);
            row.Recount(messages[position].Flags.Apply(operation, change).System, 1);
        }

        context.Index.Write(() =>
        {
            foreach (var position in changed)
                context.Index.UpdateFlags(folder.Id, messages.Uids[position], messages[position].Flags.Apply(operation, change), row.ModSeq);
            context.Index.SaveFolder(folder, row);
        });
        folder.Row = row;
        foreach (var position in changed)
        {
            ref var entry = ref messages[position];
            var flags = entry.Flags;
            folder.Unflushed.TryAdd(messages.Uids[position], flags);
            (entry.System, entry.Keywords) = flags.Apply(operation, change);
            entry.ModSeq = row.ModSeq;
        }

        return changed;
    }

    private static FlagChange Describe(Folder folder, int position)
    {
        ref var entry = ref folder.Messages![position];
        return new FlagChange(new Uid(folder.Messages.Uids[position]), entry.Flags, new ModSeq(entry.ModSeq));
    }

    /// <summary>False when a file was not where it should be.</summary>
    private bool Rename(Folder folder, ref int limit)
    {
        var messages = context.Load(folder);
        var untouched = folder.IsUntouched;
        var all = true;
        foreach (var (uid, told) in folder.Unflushed)
        {
            if (limit-- <= 0) break;
            var position = messages.Uids.IndexOf(uid);
            if (position < 0 || context.Index.BaseOf(folder.Id, uid) is not { } baseName)
            {
                folder.Unflushed.Remove(uid);
                continue;
            }

            var from = folder.FileName(baseName, uid, messages[position].Size, told);
            var to = folder.FileName(baseName, uid, messages[position].Size, messages[position].Flags);
            if (from != to && !Posix.TryRename(folder.Directory.PathOf(from), folder.Directory.PathOf(to))) all = false;
            else folder.Unflushed.Remove(uid);
        }

        if (all) folder.Settle(untouched);
        else folder.Row.CurrentTime = 0;
        return all;
    }
}
