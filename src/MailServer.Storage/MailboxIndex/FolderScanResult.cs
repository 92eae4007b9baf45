using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A file that is not in the index, and the UID that it may keep.</summary>
internal readonly record struct UnindexedFile(string Path, MessageFileName Name, uint? ReusableUid);

/// <summary>The differences between a directory and the index, found without changing anything.</summary>
internal sealed class FolderScanResult(MailboxContext context, Folder folder, MessageTable messages, bool afterCrash)
{
    private readonly string[] _bases = context.Index.Messages.BasesOf(folder.Id, messages.Count);
    private readonly bool[] _seen = new bool[messages.Count];
    private readonly HashSet<uint> _kept = [];
    private int _seenCount;

    public MessageTable Messages => messages;

    /// <summary>True if the index may have lost its last changes.</summary>
    public bool AfterCrash => afterCrash;

    public List<UnindexedFile> UnindexedFiles { get; } = [];

    /// <summary>Files of expunged messages, to be deleted.</summary>
    public List<string> Leftovers { get; } = [];

    /// <summary>File names in <c>cur/</c> to be corrected.</summary>
    public List<(string From, string To)> Renames { get; } = [];

    public List<(int Position, MessageFlags Flags)> Flags { get; } = [];

    /// <summary>The same flags by UID, for use after positions have changed.</summary>
    public List<(uint Uid, MessageFlags Flags)> FlagsByUid { get; } = [];

    /// <summary>Outdated letters in file names, to be recorded until the files are renamed.</summary>
    public List<(uint Uid, string Letters)> LettersToRecord { get; } = [];

    public bool AnyMissing => _seenCount < _seen.Length;

    public bool IsEmpty => !AnyMissing && UnindexedFiles.Count == 0 && Leftovers.Count == 0 && Renames.Count == 0 && Flags.Count == 0;

    public void CompareNames(List<string> names)
    {
        foreach (var name in names)
        {
            var parsed = MessageFileName.Parse(name);
            if (!TryMatch(name, parsed)) AddUnindexed(name, parsed);
        }
    }

    public void RecheckMissing(List<string> names)
    {
        foreach (var name in names) TryMatch(name, MessageFileName.Parse(name));
    }

    public void AddNew(List<string> names)
    {
        foreach (var name in names) UnindexedFiles.Add(new UnindexedFile(Path.Combine(folder.Directory.New, name), MessageFileName.Parse(name), null));
    }

    public uint[] Missing()
    {
        var missing = new List<uint>(_seen.Length - _seenCount);
        for (var i = 0; i < _seen.Length; i++)
        {
            if (!_seen[i]) missing.Add(messages.Uids[i]);
        }

        return [.. missing];
    }

    private bool TryMatch(string name, MessageFileName parsed)
    {
        if (parsed.Uid is not { } uid || messages.Uids.IndexOf(uid) is not (>= 0 and var position)) return false;
        if (_bases[position] != parsed.Base || _seen[position]) return false;
        _seen[position] = true;
        _seenCount++;
        ref var entry = ref messages[position];
        if (name != folder.FileName(parsed.Base, uid, entry)) AddNameDifference(name, parsed, position);
        return true;
    }

    private void AddNameDifference(string name, MessageFileName parsed, int position)
    {
        var uid = messages.Uids[position];
        ref var entry = ref messages[position];
        if (folder.StaleFileLetters.TryGetValue(uid, out var letters) && !IsNameNewer(parsed, letters, entry))
        {
            folder.StaleFileLetters[uid] = parsed.InfoFlags;
            if (parsed.InfoFlags != letters) LettersToRecord.Add((uid, parsed.InfoFlags));
            AddRename(name, folder.FileName(parsed.Base, uid, entry));
            return;
        }

        var told = FlagLetters.Parse(parsed.InfoFlags, folder.State.Keywords, ours: true);
        var flags = told with { Keywords = told.Keywords.Union(FlagLetters.WithoutLetter(entry.Keywords, folder.State.Keywords)) };
        if (folder.StaleFileLetters.Remove(uid) || flags != entry.Flags)
        {
            Flags.Add((position, flags));
            FlagsByUid.Add((uid, flags));
        }

        AddRename(name, folder.FileName(parsed.Base, uid, entry.Size, flags));
    }

    /// <summary>
    /// After a crash: true if the file name is newer than the index. The server renames a file only after its flags are durable in the index, so its own
    /// names have either the flags before the last change or those after it. Other flags were set later by another tool, or the index is an old copy.
    /// </summary>
    private bool IsNameNewer(MessageFileName parsed, string letters, in MessageEntry entry) =>
        afterCrash && parsed.InfoFlags != letters && parsed.InfoFlags != folder.LettersOf(entry.Flags);

    private void AddRename(string name, string wanted)
    {
        if (wanted != name) Renames.Add((name, wanted));
    }

    private void AddUnindexed(string name, MessageFileName parsed)
    {
        var path = folder.Directory.PathOf(name);
        if (parsed.Uid is { } uid)
        {
            if (context.Index.Expunged.Contains(folder.Id, uid, parsed.Base))
            {
                Leftovers.Add(name);
                return;
            }

            if (afterCrash && uid >= folder.Row.UidNext && uid < folder.State.UidNext && _kept.Add(uid))
            {
                UnindexedFiles.Add(new UnindexedFile(path, parsed, uid));
                return;
            }
        }

        UnindexedFiles.Add(new UnindexedFile(path, parsed, null));
    }
}
