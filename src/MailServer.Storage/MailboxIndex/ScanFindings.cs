using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A file that is not in the index, and the UID that it may keep.</summary>
internal readonly record struct Stranger(string Path, MessageFileName Name, uint? Keep);

/// <summary>The differences between a directory and the index, found without changing anything.</summary>
internal sealed class ScanFindings(MailboxContext context, Folder folder, MessageTable messages, bool afterCrash)
{
    private readonly string[] _bases = context.Index.BasesOf(folder.Id, messages.Count);
    private readonly bool[] _seen = new bool[messages.Count];
    private readonly HashSet<uint> _kept = [];
    private int _seenCount;

    public MessageTable Messages => messages;

    /// <summary>True if the index may have lost its last changes.</summary>
    public bool AfterCrash => afterCrash;

    public List<Stranger> Strangers { get; } = [];

    /// <summary>Files of expunged messages, to be deleted.</summary>
    public List<string> Leftovers { get; } = [];

    /// <summary>File names in <c>cur/</c> to be corrected.</summary>
    public List<(string From, string To)> Renames { get; } = [];

    public List<(int Position, MessageFlags Flags)> Flags { get; } = [];

    /// <summary>The same flags by UID, for use after positions have changed.</summary>
    public List<(uint Uid, MessageFlags Flags)> FlagsByUid { get; } = [];

    /// <summary>Outdated letters in file names, to be recorded until the files are renamed.</summary>
    public List<(uint Uid, string Letters)> Named { get; } = [];

    public bool AnyMissing => _seenCount < _seen.Length;

    public bool IsEmpty => !AnyMissing && Strangers.Count == 0 && Leftovers.Count == 0 && Renames.Count == 0 && Flags.Count == 0;

    public void LookThrough(List<string> names)
    {
        foreach (var name in names)
        {
            var parsed = MessageFileName.Parse(name);
            if (!TryKnow(name, parsed)) Meet(name, parsed);
        }
    }

    public void LookAgain(List<string> names)
    {
        foreach (var name in names) TryKnow(name, MessageFileName.Parse(name));
    }

    public void AddNew(List<string> names)
    {
        foreach (var name in names) Strangers.Add(new Stranger(Path.Combine(folder.Directory.New, name), MessageFileName.Parse(name), null));
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

    private bool TryKnow(string name, MessageFileName parsed)
    {
        if (parsed.Uid is not { } uid || messages.Uids.IndexOf(uid) is not (>= 0 and var position)) return false;
        if (_bases[position] != parsed.Base || _seen[position]) return false;
        _seen[position] = true;
        _seenCount++;
        ref var entry = ref messages[position];
        if (name != folder.FileName(parsed.Base, uid, entry)) Differ(name, parsed, position);
        return true;
    }

    private void Differ(string name, MessageFileName parsed, int position)
    {
        var uid = messages.Uids[position];
        ref var entry = ref messages[position];
        if (folder.Unflushed.TryGetValue(uid, out var letters) && !IsOvertaken(parsed, letters, entry))
        {
            folder.Unflushed[uid] = parsed.Letters;
            if (parsed.Letters != letters) Named.Add((uid, parsed.Letters));
            Reform(name, folder.FileName(parsed.Base, uid, entry));
            return;
        }

        var told = FlagLetters.Parse(parsed.Letters, folder.State.Keywords, ours: true);
        var flags = told with { Keywords = told.Keywords.Union(FlagLetters.Unnamed(entry.Keywords, folder.State.Keywords)) };
        if (folder.Unflushed.Remove(uid) || flags != entry.Flags)
        {
            Flags.Add((position, flags));
            FlagsByUid.Add((uid, flags));
        }

        Reform(name, folder.FileName(parsed.Base, uid, entry.Size, flags));
    }

    /// <summary>
    /// After a crash: true if the file name is newer than the index. The server renames a file only after its flags are durable in the index, so its own
    /// names have either the flags before the last change or those after it. Other flags were set later by another tool, or the index is an old copy.
    /// </summary>
    private bool IsOvertaken(MessageFileName parsed, string letters, in MessageEntry entry) =>
        afterCrash && parsed.Letters != letters && parsed.Letters != folder.LettersOf(entry.Flags);

    private void Reform(string name, string wanted)
    {
        if (wanted != name) Renames.Add((name, wanted));
    }

    private void Meet(string name, MessageFileName parsed)
    {
        var path = folder.Directory.PathOf(name);
        if (parsed.Uid is { } uid)
        {
            if (context.Index.WasExpunged(folder.Id, uid, parsed.Base))
            {
                Leftovers.Add(name);
                return;
            }

            if (afterCrash && uid >= folder.Row.UidNext && uid < folder.State.UidNext && _kept.Add(uid))
            {
                Strangers.Add(new Stranger(path, parsed, uid));
                return;
            }
        }

        Strangers.Add(new Stranger(path, parsed, null));
    }
}
