using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A folder of an open mailbox. Its counters are always in memory; its messages are loaded on demand.</summary>
internal sealed class Folder(FolderName name, FolderDirectory directory, FolderState state)
{
    private const uint UidBlock = 1_024;
    private const long ModSeqBlock = 65_536;

    public FolderId Id => State.Id;

    public FolderName Name { get; set; } = name;

    public FolderDirectory Directory { get; set; } = directory;

    /// <summary>The state file as stored on disk.</summary>
    public FolderState State { get; private set; } = state;

    public FolderRow Row;

    /// <summary>The number of removals that were recorded since the oldest ones were last forgotten.</summary>
    public int Removals { get; set; }

    /// <summary>The messages; null until loaded.</summary>
    public MessageTable? Messages { get; set; }

    /// <summary>What SORT and THREAD know of the messages; null until they are used.</summary>
    public OrderCache? Order { get; set; }

    /// <summary>Who has which rights; null until loaded.</summary>
    public IReadOnlyList<FolderGrant>? Grants { get; set; }

    /// <summary>What other accounts have seen; null until loaded.</summary>
    public GuestSeen? Seen { get; set; }

    /// <summary>The keywords in use; valid only when the folder is loaded.</summary>
    public KeywordSet Keywords { get; set; } = KeywordSet.Empty;

    /// <summary>By UID: the letters in file names that do not match the current flags. The index stores them too, for recovery.</summary>
    public Dictionary<uint, string> StaleFileLetters { get; } = [];

    /// <summary>True if names in <c>cur/</c> were changed or removed and a power cut could undo it.</summary>
    public bool NeedsDirectorySync { get; set; }

    /// <summary>True if the index may have lost its last changes. The directory must be compared with it before the folder is used.</summary>
    public bool MustReconcile { get; set; }

    /// <summary>The size of the messages of a folder that the index did not contain when the mailbox was opened.</summary>
    public long UnindexedSize { get; init; }

    /// <summary>The size of all messages, also if the index does not know them yet.</summary>
    public long Size => MustReconcile ? Math.Max(Row.Size, UnindexedSize) : Row.Size;

    public UidValidity UidValidity => State.UidValidity;

    public string FileName(string baseName, uint uid, in MessageEntry entry) =>
        MessageFileName.Format(baseName, entry.Size, uid, LettersInName(uid, entry));

    public string FileName(string baseName, uint uid, long size, MessageFlags flags) =>
        MessageFileName.Format(baseName, size, uid, LettersOf(flags));

    /// <summary>Returns the letters in the current file name of a message.</summary>
    public string LettersInName(uint uid, in MessageEntry entry) => StaleFileLetters.TryGetValue(uid, out var letters) ? letters : LettersOf(entry.Flags);

    /// <summary>Returns the letters that represent these flags.</summary>
    public string LettersOf(MessageFlags flags) => FlagLetters.Of(flags, State.Keywords);

    /// <summary>Reserves these numbers durably so that they are never assigned again. Must be called before they are used.</summary>
    public void Reserve(in FolderRow row)
    {
        if (row.UidNext <= State.UidNext && row.ModSeq <= State.ModSeq) return;
        Save(State with
        {
            UidNext = row.UidNext <= State.UidNext ? State.UidNext : (uint)Math.Min(uint.MaxValue, (ulong)row.UidNext + UidBlock),
            ModSeq = row.ModSeq <= State.ModSeq ? State.ModSeq : row.ModSeq + ModSeqBlock,
        });
    }

    /// <summary>Assigns letters to new keywords while letters are available.</summary>
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
        NeedsDirectorySync = false;
    }

    /// <summary>Records the modification time of <c>cur/</c> after own changes, unless another tool changed the directory before.</summary>
    public void RecordDirectoryTime(bool wasUntouched)
    {
        if (wasUntouched) Row.DirectoryTime = Directory.LastNameChange;
    }

    public bool IsUnchangedOnDisk => Directory.LastNameChange == Row.DirectoryTime;

    public FolderStatus Status(int recent) => new(Id, UidValidity, Row.UidNext, new ModSeq(Row.ModSeq), Row.Messages, recent, Row.Unseen, Row.Deleted, Row.Size);

    /// <summary>The lowest UID without <c>\Seen</c> of a loaded folder; null if there is none.</summary>
    public Uid? FirstUnseen()
    {
        if (Row.Unseen == 0) return null;
        for (var i = 0; i < Messages!.Count; i++)
        {
            if ((Messages[i].System & SystemFlags.Seen) == 0) return new Uid(Messages.Uids[i]);
        }

        return null;
    }

    public MailboxChanged Changed(IReadOnlyList<FlagChange> flags, Uid? recent = null) =>
        new(Id, new ModSeq(Row.ModSeq), Messages!.Uids, flags, recent);
}
