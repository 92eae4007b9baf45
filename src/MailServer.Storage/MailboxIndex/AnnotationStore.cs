using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The annotations of the folders and of the mailbox as a whole (RFC 5464). They are in files of their own, so a lost index does not affect them.</summary>
public sealed class AnnotationStore
{
    private readonly MailboxContext _context;

    internal AnnotationStore(MailboxContext context)
    {
        _context = context;
        UrlKeys = new UrlKeys(context);
    }

    /// <summary>The keys that sign URLs, which are in the same files.</summary>
    public UrlKeys UrlKeys { get; }

    /// <summary>Finds the entries that any of the names selects. Without a folder: of the mailbox as a whole, with those of the server.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public MailboxResult<IReadOnlyList<Annotation>> Find(FolderName? folder, IReadOnlyList<string> names, AnnotationDepth depth)
    {
        if (DirectoryOf(folder) is not { } directory) return MailboxRefusal.NoSuchFolder;
        IEnumerable<Annotation> all = AnnotationFile.Load(directory).Where(static e => !UrlKeys.IsKey(e.Key)).Select(static e => new Annotation(e.Key, e.Value));
        if (folder is null) all = _context.Options.ServerAnnotations.Concat(all);
        return all.Where(entry => names.Any(name => AnnotationName.Matches(entry.Name, name, depth))).ToList();
    }

    /// <summary>Sets or removes entries, all or none. Durable when the method returns.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxRefusal? Set(FolderName? folder, IReadOnlyList<Annotation> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (DirectoryOf(folder) is not { } directory) return MailboxRefusal.NoSuchFolder;
        var entries = AnnotationFile.Load(directory);
        var (before, added) = (entries.Count, 0L);
        foreach (var (name, value) in changes)
        {
            if (entries.Remove(name, out var old)) added -= old.Length;
            if (value is not { } octets) continue;
            entries[name] = octets.ToArray();
            added += octets.Length;
        }

        var limits = _context.Options.Limits;
        if (entries.Count > before && entries.Count > limits.Annotations) return MailboxRefusal.TooManyAnnotations;
        if (added > 0 && Use() + added > limits.AnnotationOctets) return MailboxRefusal.TooManyAnnotations;
        AnnotationFile.Save(directory, entries, _context.Options.SyncDirectories);
        return null;
    }

    private string? DirectoryOf(FolderName? folder)
    {
        if (folder is not { } name) return _context.Options.Directory;
        return _context.TryFind(name, out var found) ? found.Directory.Path : null;
    }

    private long Use() => AnnotationFile.Size(_context.Options.Directory) + _context.Folders.Sum(static f => AnnotationFile.Size(f.Directory.Path));
}
