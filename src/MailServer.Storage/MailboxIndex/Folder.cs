using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>One folder of an open mailbox: its numbers always, its messages when they were needed.</summary>
internal sealed class Folder(FolderName name, FolderDirectory directory, FolderState state)
{
    private const uint UidBlock = 1_024;
    private const long ModSeqBlock = 65_536;

    public FolderId Id => State.Id;

    public FolderName Name { get; set; } = name;

    public FolderDirectory Directory { get; set; } = directory;

    /// <summary>As it is on disk.</summary>
    public FolderState State { get; private set; } = state;

    public FolderRow Row;

    /// <summary>Null until loaded.</summary>
    public MessageTable? Messages { get; set; }

    /// <summary>Keywords in use, of a loaded folder.</summary>
    public KeywordSet Keywords { get; set; } = KeywordSet.Empty;

    /// <summary>The letters that stand in the names of files whose messages have other flags by now. The index keeps them too, for after a crash.</summary>
    public Dictionary<uint, string> Unflushed { get; } = [];

    /// <summary>Names in <c>cur/</c> were changed or removed, and a power cut could undo it.</summary>
    public bool Unsynced { get; set; }

    /// <summary>The index may have lost its last moments: the directory must be compared with it before the folder is used.</summary>
    public bool MustReconcile { get; set; }

    public UidValidity UidValidity => State.UidValidity;

    public string FileName(string baseName, uint uid, in MessageEntry entry) =>
        MessageFileName.Format(baseName, entry.Size, uid, NamedLetters(uid, entry));

    public string FileName(string baseName, uint uid, long size, MessageFlags flags) =>
        MessageFileName.Format(baseName, size, uid, LettersOf(flags));

    /// <summary>The letters in the name of a message's file as it is now.</summary>
    public string NamedLetters(uint uid, in MessageEntry entry) => Unflushed.TryGetValue(uid, out var letters) ? letters : LettersOf(entry.Flags);

    /// <summary>The letters that tell these flags.</summary>
    public string LettersOf(MessageFlags flags) => FlagLetters.Of(flags, State.Keywords);

    /// <summary>Makes sure, durably, that these numbers are never given again; to be called before they are used.</summary>
    public void Reserve(in FolderRow row)
    {
        if (row.UidNext <= State.UidNext && row.ModSeq <= State.ModSeq) return;
        Save(State with
        {
            UidNext = row.UidNext <= State.UidNext ? State.UidNext : (uint)Math.Min(uint.MaxValue, (ulong)row.UidNext + UidBlock),
            ModSeq = row.ModSeq <= State.ModSeq ? State.ModSeq : row.ModSeq + ModSeqBlock,
        });
    }

    /// <summary>Gives letters to new keywords as long as there are any.</summary>
    public void AssignLetters(KeywordSet keywords)
    {
        if (keywords.Count == 0) return;
        var assigned = FlagLetters.Assign(State.Keywords, keywords);
        if (assigned.Length > State.Keywords.Length) Save(State with { Keywords = assigned });
    }

    public void Save(FolderState state)
    {
        state.Save(Directory.Path, Directory.Syncs);
        State = state;
    }

    /// <summary>Makes the names in <c>cur/</c> durable.</summary>
    public void SyncNames()
    {
        Directory.SyncCurrent();
        Unsynced = false;
    }

    /// <summary>Remembers the time of <c>cur/</c> after a batch of our own, unless another tool was there before it.</summary>
    public void Settle(bool wasUntouched)
    {
        if (wasUntouched) Row.CurrentTime = Directory.CurrentTime;
    }

    public bool IsUntouched => Directory.CurrentTime == Row.CurrentTime;

    public MailboxChanged Changed(IReadOnlyList<FlagChange> flags, Uid? recent = null) =>
        new(Id, new ModSeq(Row.ModSeq), Messages!.Uids, flags, recent);
}
