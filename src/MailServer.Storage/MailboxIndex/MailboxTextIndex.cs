using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Maildir;
using MailServer.Storage.TextIndex;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// Connects the mailbox with the index of its texts: plans what to index next, and asks it for a search. The index is opened when it is first needed. The owner of the mailbox plans and searches;
/// another thread does the work (<see cref="IndexingBatch"/>).
/// </summary>
internal sealed class MailboxTextIndex(MailboxContext context, TextIndexOptions options) : IDisposable
{
    /// <summary>Octets of the messages of a batch.</summary>
    private const long MaxBatchOctets = 8 * 1024 * 1024;

    /// <summary>This many messages of the index that no longer exist are left in it.</summary>
    private const int DeadAllowed = 1_000;

    private TextIndexStore? _index;

    /// <summary>True while the file is open.</summary>
    public bool IsOpen => _index is not null;

    /// <summary>The number of searches that used the index.</summary>
    public long Searches { get; private set; }

    /// <summary>What the last plan has found: false if everything was indexed, or cannot be at the moment.</summary>
    public bool HasMore { get; private set; } = true;

    private TextIndexStore Index => _index ??= Open();

    /// <summary>True if there may be messages that are not in the index.</summary>
    public bool NeedsIndexing => HasMore || context.Folders.Any(folder => !folder.MustReconcile && Planned.GetValueOrDefault(folder.Id) + 1 < folder.Row.UidNext);

    private Dictionary<FolderId, uint> Planned { get; } = [];

    /// <summary>What the index knows about a text in the messages of a folder; null if nothing.</summary>
    public TextMatches? Find(Folder folder, UidList uids, ReadOnlySpan<SearchScope> scopes, string text)
    {
        Searches++;
        if (Index.Find(folder.Id, uids, scopes, context.Format.FoldForSearch(text)) is not var (matches, indexed)) return null;
        if (Index.ProgressOf(folder.Id) is { } progress)
        {
            // A message is missing that was thought to be indexed.
            if (indexed < CountUpTo(uids, progress.LastUid)) Restart(folder.Id);
            else if (Planned.GetValueOrDefault(folder.Id) > progress.LastUid) Planned.Remove(folder.Id);
        }

        return matches;
    }

    /// <summary>Opens the files of the messages to index next, in the turn of the owner; null if there is nothing to do.</summary>
    public IndexingBatch? Plan(int most)
    {
        HasMore = false;
        var generation = Index.Generation;
        var batch = new IndexingBatch(Index, context.Format, generation);
        var octets = 0L;
        foreach (var folder in context.Folders.OrderBy(static f => f.Id.Value))
        {
            // What the index has of it may be old.
            if (folder.MustReconcile) continue;
            if (Index.ProgressOf(folder.Id) is not { } known) return null;
            if (!Fits(folder, known)) return PlanAfterReset(most);
            Add(batch, folder, known.LastUid, most - batch.Count, ref octets);
            if (batch.Count < most && octets < MaxBatchOctets) continue;
            HasMore = true;
            break;
        }

        if (IsDeadWeight()) batch.Live = context.Index.Messages.Keys();
        return batch.IsEmpty ? null : batch;
    }

    /// <summary>The last batch was not added: its messages are planned again.</summary>
    public void Fail()
    {
        Planned.Clear();
        HasMore = true;
    }

    /// <summary>Closes the file until it is needed again.</summary>
    public void Close()
    {
        _index?.CloseAtOnce();
        _index = null;
    }

    public void Dispose() => _index?.Dispose();

    private TextIndexStore Open()
    {
        // The file may have changed while it was closed.
        Fail();
        return new TextIndexStore(context.Options.Directory, context.Index.Identity(), options, context.Time);
    }

    private IndexingBatch? PlanAfterReset(int most)
    {
        Index.Reset();
        Planned.Clear();
        return Plan(most);
    }

    private void Restart(FolderId folder)
    {
        Index.Restart(folder);
        Planned.Remove(folder);
        HasMore = true;
    }

    /// <summary>False if the index has messages that the folder never had, since an older copy of the mailbox was put in its place.</summary>
    private static bool Fits(Folder folder, in FolderProgress known) =>
        known.LastUid == 0 || (known.UidValidity == folder.UidValidity.Value && known.LastUid < folder.Row.UidNext);

    private void Add(IndexingBatch batch, Folder folder, uint after, int most, ref long octets)
    {
        if (after + 1 >= folder.Row.UidNext)
        {
            Planned[folder.Id] = after;
            return;
        }

        var last = folder.Row.UidNext - 1;
        var found = context.Index.Messages.After(folder.Id, after, most);
        var names = new Dictionary<uint, string>();
        foreach (var message in found)
        {
            batch.Add(IndexDatabase.Key(folder.Id, message.Uid), OpenFile(folder, message, names));
            last = message.Uid;
            octets += message.Size;
            if (octets >= MaxBatchOctets) break;
        }

        // All messages were taken: UIDs that are not there will never be.
        if (found.Count < most && octets < MaxBatchOctets) last = folder.Row.UidNext - 1;
        batch.Add(new FolderProgress(folder.Id.Value, folder.UidValidity.Value, last));
        Planned[folder.Id] = last;
    }

    /// <summary>Opens the file of a message; null if that is not possible, and the message is left to searches.</summary>
    private static FileContent? OpenFile(Folder folder, in StoredMessage message, Dictionary<uint, string> names)
    {
        try
        {
            var path = folder.Directory.PathOf(MessageFileName.Format(message.Base, message.Size, message.Uid, message.Named ?? folder.LettersOf(message.Flags)));
            if (FileContent.TryOpen(path) is { } content) return content;
            // Other tools rename many files at once.
            if (names.Count == 0)
            {
                foreach (var name in FolderDirectory.List(folder.Directory.Current))
                    if (MessageFileName.Parse(name).Uid is { } uid) names[uid] = name;
            }

            return names.TryGetValue(message.Uid, out var renamed) && MessageFileName.Parse(renamed).Base == message.Base ? FileContent.TryOpen(folder.Directory.PathOf(renamed)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int CountUpTo(UidList uids, uint last) => uids.IndexOf(last) is >= 0 and var at ? at + 1 : ~uids.IndexOf(last);

    private bool IsDeadWeight()
    {
        var messages = context.Folders.Sum(static folder => folder.Row.Messages);
        return Index.Count > messages + Math.Max(DeadAllowed, messages / 4);
    }
}
