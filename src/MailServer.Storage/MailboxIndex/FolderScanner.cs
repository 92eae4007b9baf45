using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// Compares a folder's directory with the index, by file names only. Files that are not in the index are imported, messages without a file are expunged, and flags
/// that another tool changed in a file name are applied.
/// After a crash the index may have lost its last changes. A file whose UID may have been assigned since then keeps it, because a client may have seen it; files of
/// expunged messages are removed; index flags that had not reached the file names win, unless the name is newer. Every message receives a new mod-sequence, so that
/// a client that saw a lost change requests the current state.
/// </summary>
internal sealed class FolderScanner(MailboxContext context)
{
    public MailboxChanged? Run(Folder folder) =>
        folder.IsUnchangedOnDisk && FolderDirectory.List(folder.Directory.New).Count == 0 ? null : Compare(folder, afterCrash: false);

    public void Reconcile(Folder folder)
    {
        Compare(folder, afterCrash: true);
        folder.MustReconcile = false;
    }

    private MailboxChanged? Compare(Folder folder, bool afterCrash)
    {
        var time = folder.Directory.LastNameChange;
        var messages = context.Load(folder);
        var findings = new FolderScanResult(context, folder, messages, afterCrash);
        findings.CompareNames(FolderDirectory.List(folder.Directory.Current));
        // A concurrent rename can hide a file from a directory listing, so a file counts as missing only after two listings.
        if (findings.AnyMissing) findings.RecheckMissing(FolderDirectory.List(folder.Directory.Current));
        findings.AddNew(FolderDirectory.List(folder.Directory.New));
        var untouched = folder.Directory.LastNameChange == time;

        var row = folder.Row;
        row.DirectoryTime = time;
        if (afterCrash)
        {
            row.UidNext = Math.Max(row.UidNext, folder.State.UidNext);
            row.ModSeq = Math.Max(row.ModSeq, folder.State.ModSeq);
        }

        var adopted = Apply(folder, findings, ref row);
        Remember(folder, findings, adopted, row);
        folder.RecordDirectoryTime(untouched);
        return findings.IsEmpty && adopted.Count == 0 ? null : Changed(folder, findings, adopted);
    }

    /// <summary>Changes the files first: a UID in a file name survives a crash before the index is committed.</summary>
    private List<ImportedFile> Apply(Folder folder, FolderScanResult findings, ref FolderRow row)
    {
        if (findings.IsEmpty && !(findings.AfterCrash && findings.Messages.Count > 0)) return [];
        row.ModSeq++;
        var reserved = row;
        reserved.UidNext = (uint)Math.Min(uint.MaxValue, (ulong)row.UidNext + (ulong)findings.UnindexedFiles.Count);
        folder.Reserve(reserved);
        folder.NeedsDirectorySync |= findings.Renames.Count + findings.Leftovers.Count > 0;
        foreach (var (from, to) in findings.Renames) Posix.TryRename(folder.Directory.PathOf(from), folder.Directory.PathOf(to));
        foreach (var name in findings.Leftovers) Posix.TryUnlink(folder.Directory.PathOf(name));
        var adopted = new FileImporter(context, folder).Import(findings.UnindexedFiles, ref row);
        if (adopted.Count > 0) folder.SyncNames();
        return adopted;
    }

    private void Remember(Folder folder, FolderScanResult findings, List<ImportedFile> adopted, FolderRow row)
    {
        var messages = folder.Messages!;
        var missing = findings.Missing();
        var saved = context.Time.GetUtcNow().ToUnixTimeSeconds();
        Recount(ref row, findings, missing, adopted);
        context.Index.Write(() =>
        {
            if (findings.AfterCrash) context.Index.Messages.UpdateModSeqs(folder.Id, row.ModSeq);
            foreach (var uid in missing) context.Index.Expunge(folder.Id, uid, row.ModSeq);
            foreach (var (position, flags) in findings.Flags) context.Index.Messages.UpdateFlags(folder.Id, messages.Uids[position], flags, row.ModSeq, named: null);
            foreach (var (uid, letters) in findings.LettersToRecord) context.Index.Messages.UpdateNamed(folder.Id, uid, letters);
            foreach (var (uid, entry, baseName) in adopted) context.Index.Messages.Insert(folder.Id, uid, entry with { ModSeq = row.ModSeq }, saved, baseName);
            context.Index.Folders.Save(folder, row);
        });
        foreach (var (position, flags) in findings.Flags)
        {
            ref var entry = ref messages[position];
            (entry.System, entry.Keywords, entry.ModSeq) = (flags.System, flags.Keywords, row.ModSeq);
            folder.Keywords = folder.Keywords.Union(flags.Keywords);
        }

        for (var i = 0; findings.AfterCrash && i < messages.Count; i++) messages[i].ModSeq = row.ModSeq;
        messages.Remove(missing);
        foreach (var uid in missing) folder.StaleFileLetters.Remove(uid);
        foreach (var (uid, entry, _) in adopted)
        {
            messages.Add(uid, entry with { ModSeq = row.ModSeq });
            folder.Keywords = folder.Keywords.Union(entry.Keywords);
        }

        folder.Row = row;
    }

    private static void Recount(ref FolderRow row, FolderScanResult findings, uint[] missing, List<ImportedFile> adopted)
    {
        (row.Messages, row.Unseen, row.Deleted, row.Size) = (0, 0, 0, 0);
        var messages = findings.Messages;
        var flags = findings.Flags.ToDictionary(f => f.Position, f => f.Flags.System);
        var next = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            if (next < missing.Length && missing[next] == messages.Uids[i]) next++;
            else row.Count(flags.TryGetValue(i, out var changed) ? changed : messages[i].System, messages[i].Size, 1);
        }

        foreach (var (_, entry, _) in adopted) row.Count(entry.System, entry.Size, 1);
    }

    private static MailboxChanged Changed(Folder folder, FolderScanResult findings, List<ImportedFile> adopted)
    {
        var flags = new List<FlagChange>(findings.Flags.Count);
        foreach (var (uid, changed) in findings.FlagsByUid) flags.Add(new FlagChange(new Uid(uid), changed, new ModSeq(folder.Row.ModSeq)));
        return folder.Changed(flags, adopted.Count == 0 ? null : new Uid(adopted[0].Uid));
    }
}
