using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>CREATE, DELETE, RENAME, LIST and SUBSCRIBE. The directories determine which folders exist; the index follows.</summary>
internal sealed class FolderManager(MailboxContext context, FolderIdAllocator numbers, SubscriptionFile subscriptions, MessageCopier transfers)
{
    private readonly string _root = context.Options.Directory;
    private readonly bool _sync = context.Options.SyncDirectories;

    public MailboxReply.Folders List() => new(
        [.. context.Folders.OrderBy(f => f.Name.Value, StringComparer.Ordinal).Select(f => new FolderInfo(f.Id, f.Name, f.State.Role))],
        // Many clients show subscribed folders only.
        SubscriptionsObstacle is null ? subscriptions.Names : context.Folders.Select(f => f.Name).ToHashSet());

    /// <summary>Rises whenever the result of <see cref="List"/> may have changed.</summary>
    public int Version { get; private set; }

    /// <summary>Why subscriptions cannot be read or changed; null if they can. All folders count as subscribed then.</summary>
    public string? SubscriptionsObstacle => subscriptions.Obstacle;

    /// <summary>Creates the default folders of a new account, or only INBOX if the user has removed the others.</summary>
    public void CreateDefaults(bool all)
    {
        var missing = DefaultFolders.All.Where(f => !context.Exists(f.Name) && context.ObstacleOf(f.Name) is null && (all || f.Name.IsInbox)).ToList();
        if (missing.Count == 0) return;
        Add([.. missing]);
        if (SubscriptionsObstacle is null) subscriptions.Set(missing.Select(f => f.Name), subscribed: true);
    }

    public MailboxRefusal? Create(FolderName name, FolderRole role)
    {
        if (name.IsInbox) return MailboxRefusal.IsInbox;
        if (context.Exists(name)) return MailboxRefusal.FolderExists;
        if (SharedNamespaces.Contains(name)) return MailboxRefusal.NotPossible;
        context.RequireUsable(name);
        if (role != FolderRole.None && context.Folders.Any(f => f.State.Role == role)) return MailboxRefusal.RoleTaken;
        var missing = new List<(FolderName, FolderRole)> { (name, role) };
        for (var above = name.Parent; above is { } parent && !context.Exists(parent); above = parent.Parent) missing.Insert(0, (parent, FolderRole.None));
        if (context.Folders.Count + missing.Count > context.Options.Limits.Folders || !IsWritable(name)) return MailboxRefusal.LimitReached;
        Add(missing);
        return null;
    }

    /// <summary>Removes a folder. It is marked first, so that the removal is completed after a crash.</summary>
    public MailboxResult<MailboxChanged> Delete(FolderName name)
    {
        if (name.IsInbox) return MailboxRefusal.IsInbox;
        if (!context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchFolder;
        folder.Save(folder.State with { IsRemoved = true });
        context.FaultPoint("delete: marked");
        context.Index.Write(() => context.Index.RemoveFolder(folder.Id));
        context.Remove(folder);
        Version++;
        folder.Directory.Remove();
        Prune(folder.Directory.Path);
        return new MailboxChanged(folder.Id, new ModSeq(folder.Row.ModSeq), UidList.Empty, [], FolderRemoved: true);
    }

    /// <summary>Renames a folder. Returns the changes of folders whose messages were moved, which happens only for INBOX.</summary>
    public MailboxResult<IReadOnlyList<MailboxChanged>> Rename(FolderName from, FolderName to)
    {
        if (!context.TryFind(from, out var folder)) return MailboxRefusal.NoSuchFolder;
        if (to.IsInbox || context.Exists(to)) return MailboxRefusal.FolderExists;
        if (SharedNamespaces.Contains(to)) return MailboxRefusal.NotPossible;
        context.RequireUsable(to);
        if (from.IsInbox) return MoveInbox(folder, to);
        var moves = context.Folders.Where(f => f.Name == from || f.Name.IsBelow(from)).Select(f => (Folder: f, To: f.Name.Rebase(from, to))).ToList();
        var moving = moves.Select(m => m.Folder.Name).ToHashSet();
        if (moves.Any(m => context.Exists(m.To) && !moving.Contains(m.To))) return MailboxRefusal.FolderExists;
        moves.ForEach(m => context.RequireUsable(m.To));
        if (!moves.All(m => FolderName.TryParse(m.To.Value, out _) && IsWritable(m.To))) return MailboxRefusal.LimitReached;
        if (to.Parent is { } parent && !context.Exists(parent) && parent != from && Create(parent, FolderRole.None) is { } refusal) return refusal;
        // When a folder is moved below itself, the deepest folders are renamed first, otherwise the highest, so that no target name is still in use.
        var ordered = to.IsBelow(from) ? moves.OrderByDescending(m => m.To.Value.Length) : moves.OrderBy(m => m.To.Value.Length);
        Move([.. ordered]);
        return new MailboxResult<IReadOnlyList<MailboxChanged>>([]);
    }

    public void Subscribe(FolderName name, bool subscribed)
    {
        subscriptions.Set([name], subscribed);
        Version++;
    }

    public bool MaySubscribe => subscriptions.Count < context.Options.Limits.Folders;

    private string PathOf(FolderName name) => Path.Combine(_root, FolderPathEncoding.PathOf(name)!);

    private static bool IsWritable(FolderName name) =>
        FolderPathEncoding.PathOf(name) is { } path && Encoding.UTF8.GetByteCount(path) < 3_000;

    private void Add(List<(FolderName Name, FolderRole Role)> folders)
    {
        var added = new List<Folder>(folders.Count);
        var states = numbers.Allocate([.. folders.Select(f => f.Role)]);
        for (var i = 0; i < states.Length; i++)
        {
            var directory = new FolderDirectory(PathOf(folders[i].Name), _sync);
            directory.Create();
            states[i].Save(directory.Path, _sync);
            InheritGrants(folders[i].Name, directory.Path);
            // Files that lie there already are mail.
            var hasFiles = FolderDirectory.List(directory.Current).Count + FolderDirectory.List(directory.New).Count > 0;
            added.Add(new Folder(folders[i].Name, directory, states[i])
            {
                Row = FolderRow.Initial with { DirectoryTime = hasFiles ? 0 : directory.LastNameChange },
                MustReconcile = hasFiles,
                UnindexedSize = hasFiles ? directory.MeasureMessages() : 0,
            });
        }

        foreach (var parent in added.Select(f => f.Directory.Parent).Distinct()) FolderDirectory.SyncNames(parent, _root, _sync);
        context.Index.Write(() => added.ForEach(f => context.Index.Folders.Save(f, f.Row)));
        added.ForEach(context.Add);
        Version++;
    }

    /// <summary>RFC 4314 §4: a new folder has the rights of the one above. Missing ones in between are created first.</summary>
    private void InheritGrants(FolderName name, string directory)
    {
        if (name.Parent is { } parent && GrantFile.Load(PathOf(parent)) is { Count: > 0 } grants) GrantFile.Save(directory, grants, _sync);
    }

    private void Move(List<(Folder Folder, FolderName To)> moves)
    {
        foreach (var (folder, to) in moves)
        {
            var source = folder.Directory;
            var target = new FolderDirectory(PathOf(to), _sync);
            source.MoveTo(target);
            FolderDirectory.SyncNames(target.Path, _root, _sync);
            context.Remove(folder);
            (folder.Name, folder.Directory) = (to, target);
            context.Add(folder);
            Version++;
            context.FaultPoint("rename: moved");
            Prune(source.Path);
        }

        context.Index.Write(() => moves.ForEach(m => context.Index.Folders.Save(m.Folder, m.Folder.Row)));
    }

    // RFC 9051 §6.3.6: INBOX remains and is empty afterwards. RFC 5464 §4.1: both have its annotations.
    private MailboxResult<IReadOnlyList<MailboxChanged>> MoveInbox(Folder inbox, FolderName to)
    {
        var annotations = AnnotationFile.Load(inbox.Directory.Path);
        if (Create(to, FolderRole.None) is { } refusal) return refusal;
        if (annotations.Count > 0) AnnotationFile.Save(PathOf(to), annotations, _sync);
        var all = context.Load(inbox).Uids;
        var moved = transfers.Copy(inbox.Id, all.Span, to, move: true);
        if (moved.IsRefused) return moved.Refusal.Value;
        var changes = new List<MailboxChanged> { moved.Value.Reply.Moved! };
        if (moved.Value.TargetChange is { } change) changes.Add(change);
        return changes;
    }

    /// <summary>Removes empty directories, upwards.</summary>
    private void Prune(string path)
    {
        var level = path;
        for (; level.Length > _root.Length; level = Path.GetDirectoryName(level)!)
        {
            if (!System.IO.Directory.Exists(level)) continue;
            if (System.IO.Directory.EnumerateFileSystemEntries(level).Any()) break;
            System.IO.Directory.Delete(level);
        }

        FolderDirectory.SyncNames(level, _root, _sync);
    }
}
