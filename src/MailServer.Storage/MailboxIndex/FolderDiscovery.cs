using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// Finds the folders when a mailbox is opened. The directories determine which folders exist and their names; the index
/// adds its data. A directory without a readable <c>folder.state</c> that is not in the index either is a new folder.
/// </summary>
internal sealed class FolderDiscovery(MailboxContext context, FolderIdAllocator numbers)
{
    private const int MaxDepth = 32;

    private readonly string _root = context.Options.Directory;
    private readonly bool _sync = context.Options.SyncDirectories;
    private readonly HashSet<FolderId> _used = [];

    public void Run()
    {
        var known = context.Index.Folders.Load();
        var found = new List<(FolderName Name, FolderDirectory Directory, FolderState? State)>();
        Walk(_root, null, 0, found);
        foreach (var (_, state, _) in known) numbers.RegisterUsed(state);
        foreach (var (_, _, state) in found) numbers.RegisterUsed(state);

        var byId = known.ToDictionary(k => k.State.Id);
        var byName = known.GroupBy(k => k.Name).ToDictionary(g => g.Key, g => g.First());
        var changed = new List<Folder>();
        // If two directories have the same id (one was copied), the one with the name recorded in the index keeps it.
        foreach (var (name, directory, state) in found.OrderByDescending(f => f.State is { } s && byId.TryGetValue(s.Id, out var k) && k.Name == f.Name))
        {
            var row = state is not null
                ? byId.TryGetValue(state.Id, out var kept) ? kept : default
                : byName.TryGetValue(name, out var named) ? named : default;
            var folder = Open(name, directory, state, row.State, row.Row);
            context.Add(folder);
            if (row.State is null || row.Name != name || folder.MustReconcile) changed.Add(folder);
        }

        var gone = known.Where(k => !_used.Contains(k.State.Id) && context.ObstacleOf(k.Name) is null).Select(k => k.State.Id).ToList();
        Remember(changed, gone);
    }

    private Folder Open(FolderName name, FolderDirectory directory, FolderState? onDisk, FolderState? inIndex, FolderRow row)
    {
        var state = onDisk ?? inIndex;
        var isNew = state is null || !_used.Add(state.Id);
        if (isNew)
        {
            state = numbers.Allocate(FolderRole.None)[0];
            _used.Add(state.Id);
        }

        directory.Create();
        if (isNew || onDisk is null) state!.Save(directory.Path, _sync);
        var isKnown = !isNew && inIndex is not null;
        if (isKnown) return new Folder(name, directory, state!) { Row = row, MustReconcile = !context.Index.WasClean };
        // The index does not know which messages were removed before.
        var unindexed = FolderRow.Initial with { HistoryFrom = isNew ? 1 : state!.ModSeq + 1 };
        return new Folder(name, directory, state!) { Row = unindexed, MustReconcile = true, UnindexedSize = directory.MeasureMessages() };
    }

    private void Remember(List<Folder> changed, List<FolderId> gone)
    {
        if (changed.Count == 0 && gone.Count == 0) return;
        context.Index.Write(() =>
        {
            foreach (var id in gone) context.Index.RemoveFolder(id);
            foreach (var folder in changed) context.Index.Folders.Save(folder, folder.Row);
        });
    }

    private void Walk(string path, string? parent, int depth, List<(FolderName Name, FolderDirectory Directory, FolderState? State)> found)
    {
        if (depth == MaxDepth) return;
        foreach (var child in SafeFileReader.Directories(path, other => SkipOther(other, parent)))
        {
            if (NameOf(child, parent) is not { } name) continue;
            Walk(child, name.Value, depth + 1, found);
            if (FindFault(child) is { } fault)
            {
                context.Skip(name, fault);
                continue;
            }

            if (!FolderDirectory.IsFolder(child) && FolderState.Load(child) is not { IsRemoved: true }) continue;
            var directory = new FolderDirectory(child, _sync);
            var state = FolderState.Load(child);
            if (state is { IsRemoved: true }) directory.Remove();
            else found.Add((name, directory, state));
        }
    }

    private static FolderName? NameOf(string path, string? parent)
    {
        var file = Path.GetFileName(path);
        if (file is "cur" or "new" or "tmp" || FolderPathEncoding.Unescape(file) is not { } level) return null;
        var full = parent is null ? level : $"{parent}/{level}";
        return FolderName.TryParse(full, out var name) && name.Value == full ? name : null;
    }

    // A link may lead to the mail of a folder.
    private void SkipOther(string path, string? parent)
    {
        if (NameOf(path, parent) is { } name) context.Skip(name, $"{path} is not a directory; the folder is skipped");
    }

    /// <summary>Returns why a directory must be skipped. Foreign files must not prevent the mailbox from being opened.</summary>
    private static string? FindFault(string directory)
    {
        try
        {
            FolderState.Load(directory);
            return FolderDirectory.FindObstacle(directory);
        }
        catch (Exception e) when (e is NotRegularFileException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
