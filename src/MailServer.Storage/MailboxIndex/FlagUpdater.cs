using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// Changes flags (STORE). The index is updated first, in one transaction; file names follow in
/// <see cref="Flush"/>. Until then the index stores the letters of the old file name beside the new flags.
/// </summary>
internal sealed class FlagUpdater(MailboxContext context)
{
    public MailboxResult<MailboxChanged> Store(FolderId id, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags)
    {
        if (!context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        return Store(folder, context.Load(folder).Positions(uids), operation, flags);
    }

    /// <summary>Like <see cref="Store(FolderId, ReadOnlySpan{uint}, FlagOperation, MessageFlags)"/>, but only for messages that have not changed since a mod-sequence.</summary>
    public MailboxResult<MailboxReply.StoredInPart> StoreUnchanged(FolderId id, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags, ModSeq unchangedSince)
    {
        if (!context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        var messages = context.Load(folder);
        var positions = messages.Positions(uids);
        var unchanged = Array.FindAll(positions, p => messages[p].ModSeq <= unchangedSince.Value);
        FlagChange[] modified = [.. positions.Except(unchanged).Select(p => Describe(folder, p))];
        var outcome = Store(folder, unchanged, operation, flags);
        return outcome.Refusal is { } refusal ? refusal : new MailboxReply.StoredInPart(outcome.Value, modified);
    }

    private MailboxResult<MailboxChanged> Store(Folder folder, int[] positions, FlagOperation operation, MessageFlags flags)
    {
        var added = operation == FlagOperation.Remove ? KeywordSet.Empty : flags.Keywords;
        if (context.WithKeywords(folder, added) is not { } keywords) return MailboxRefusal.LimitReached;
        if (positions.Length > 0)
        {
            folder.AssignLetters(added);
            folder.Keywords = keywords;
        }

        Change(folder, positions, old => old.Apply(operation, flags));
        return folder.Changed(Describe(folder, positions));
    }

    /// <summary>Changes flags as a guest may, and gives the messages in <paramref name="touched"/> a new mod-sequence even if their own flags stay.</summary>
    public MailboxRefusal? Change(Folder folder, int[] positions, KeywordSet added, Func<MessageFlags, MessageFlags> apply, IReadOnlySet<int> touched)
    {
        if (context.WithKeywords(folder, added) is not { } keywords) return MailboxRefusal.LimitReached;
        if (positions.Length > 0)
        {
            folder.AssignLetters(added);
            folder.Keywords = keywords;
        }

        Change(folder, positions, apply, touched);
        return null;
    }

    /// <summary>The flags of messages.</summary>
    public static FlagChange[] Describe(Folder folder, int[] positions) => Array.ConvertAll(positions, position => Describe(folder, position));

    /// <summary>Sets <c>\Seen</c> and returns the messages that did not have it.</summary>
    public List<FlagChange> MarkSeen(Folder folder, int[] positions)
    {
        var changed = Change(folder, positions, static old => old.Apply(FlagOperation.Add, new MessageFlags(SystemFlags.Seen)));
        return changed.ConvertAll(p => Describe(folder, p));
    }

    /// <summary>
    /// Makes all changes durable, then renames files whose names have outdated flags, at most <paramref name="limit"/> of them.
    /// A file is renamed only after its flags are durable in the index, so that recovery always knows which of the two is newer.
    /// </summary>
    public FlushOutcome Flush(int limit)
    {
        context.Index.Flush();
        context.FaultPoint("flush: secured");
        foreach (var folder in context.Folders) folder.Seen?.Save(folder);
        var changes = new List<MailboxChanged>();
        foreach (var folder in context.Folders)
        {
            if (folder.StaleFileLetters.Count == 0 && !folder.NeedsDirectorySync) continue;
            if (limit <= 0) return new FlushOutcome(true, changes);
            if (!Rename(folder, ref limit))
            {
                // Another tool has changed the directory: scan it and try again.
                if (new FolderScanner(context).Run(folder) is { } change) changes.Add(change);
                Rename(folder, ref limit);
            }

            if (folder.StaleFileLetters.Count > 0 && limit > 0) context.Report($"{folder.Name}: files that could not be renamed: {folder.StaleFileLetters.Count}");
        }

        return new FlushOutcome(limit <= 0, changes);
    }

    private List<int> Change(Folder folder, int[] positions, Func<MessageFlags, MessageFlags> apply, IReadOnlySet<int>? touched = null)
    {
        var messages = folder.Messages!;
        var changed = new List<int>(positions.Length);
        foreach (var position in positions)
        {
            var flags = messages[position].Flags;
            if (apply(flags) != flags || touched?.Contains(position) == true) changed.Add(position);
        }

        if (changed.Count == 0) return changed;
        var row = folder.Row;
        row.ModSeq++;
        folder.Reserve(row);
        foreach (var position in changed)
        {
            row.Recount(messages[position].System, -1);
            row.Recount(apply(messages[position].Flags).System, 1);
        }

        context.Index.Write(() =>
        {
            foreach (var position in changed)
            {
                var flags = apply(messages[position].Flags);
                context.Index.Messages.UpdateFlags(folder.Id, messages.Uids[position], flags, row.ModSeq, OldLetters(folder, position, flags));
            }

            context.Index.Folders.Save(folder, row);
        });
        folder.Row = row;
        foreach (var position in changed)
        {
            ref var entry = ref messages[position];
            var flags = apply(entry.Flags);
            if (OldLetters(folder, position, flags) is { } letters) folder.StaleFileLetters[messages.Uids[position]] = letters;
            else folder.StaleFileLetters.Remove(messages.Uids[position]);
            (entry.System, entry.Keywords) = flags;
            entry.ModSeq = row.ModSeq;
        }

        return changed;
    }

    private static FlagChange Describe(Folder folder, int position)
    {
        ref var entry = ref folder.Messages![position];
        return new FlagChange(new Uid(folder.Messages.Uids[position]), entry.Flags, new ModSeq(entry.ModSeq));
    }

    /// <summary>Returns the letters in the file name; null if they match the new flags.</summary>
    private static string? OldLetters(Folder folder, int position, MessageFlags flags)
    {
        var letters = folder.LettersInName(folder.Messages!.Uids[position], folder.Messages[position]);
        return letters == folder.LettersOf(flags) ? null : letters;
    }

    /// <summary>Returns false if a file was not found under its expected name.</summary>
    private bool Rename(Folder folder, ref int limit)
    {
        var untouched = folder.IsUnchangedOnDisk;
        var renamed = new List<uint>();
        var all = true;
        foreach (var uid in folder.StaleFileLetters.Keys.ToArray())
        {
            if (limit-- <= 0) break;
            if (TryRename(folder, uid)) renamed.Add(uid);
            else all = false;
        }

        // The index keeps the old letters until the renames are durable, because a power cut may restore either name.
        if (renamed.Count > 0 || folder.NeedsDirectorySync) folder.SyncNames();
        context.FaultPoint("flush: names durable");
        if (renamed.Count > 0) Forget(folder, renamed);
        if (all) folder.RecordDirectoryTime(untouched);
        else folder.Row.DirectoryTime = 0;
        return all;
    }

    private bool TryRename(Folder folder, uint uid)
    {
        var messages = context.Load(folder);
        var position = messages.Uids.IndexOf(uid);
        if (position < 0 || context.Index.Messages.BaseOf(folder.Id, uid) is not { } baseName) return true;
        ref var entry = ref messages[position];
        var from = folder.FileName(baseName, uid, entry);
        var to = folder.FileName(baseName, uid, entry.Size, entry.Flags);
        if (from == to) return true;
        folder.NeedsDirectorySync = true;
        return Posix.TryRename(folder.Directory.PathOf(from), folder.Directory.PathOf(to));
    }

    private void Forget(Folder folder, List<uint> renamed)
    {
        context.Index.Write(() => renamed.ForEach(uid => context.Index.Messages.UpdateNamed(folder.Id, uid, null)), lasting: false);
        renamed.ForEach(uid => folder.StaleFileLetters.Remove(uid));
    }
}
