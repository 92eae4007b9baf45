using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>
/// Lists the files of a directory for a backup. It opens no files, so nothing can block it. Each directory is entered once, under
/// its own name before any link to it. Entries without data (dangling links, FIFOs, sockets, devices) are skipped and reported.
/// </summary>
/// <param name="root">The directory.</param>
/// <param name="followsLinks">True to follow links to files and directories, false to skip them.</param>
internal sealed class DirectoryWalker(string root, bool followsLinks)
{
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);
    private readonly Queue<(string Directory, string Path)> _ahead = new();
    private readonly Queue<(string Link, string Path)> _links = new();

    /// <summary>Source files and their paths in the backup; a link is represented by its target.</summary>
    public List<(string File, string Path)> Files { get; } = [];

    /// <summary>Paths of directories in the backup.</summary>
    public List<string> Directories { get; } = [];

    /// <summary>Skipped entries, each with the reason.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>Entries that could not be read although they may contain data.</summary>
    public List<string> Unreadable { get; } = [];

    /// <summary>Excludes a file or directory, also through links, without reporting it, because it is copied separately or not at all.</summary>
    public void LeaveOut(string path)
    {
        if (FileStat.Find(RealPath.Of(path)) is { } facts) _leftOut.Add(RealPath.IdentityOf(path, facts));
    }

    public void Run(string prefix = "")
    {
        Enter(RealPath.Of(root), prefix);
        do
        {
            while (_ahead.TryDequeue(out var next)) List(next.Directory, next.Path);
            if (_links.TryDequeue(out var link)) Follow(link.Link, link.Path);
        }
        while (_ahead.Count + _links.Count > 0);
    }

    private bool Enter(string directory, string path)
    {
        if (FileStat.Find(directory) is not { Kind: FileKind.Directory } facts || IsLeftOut(directory, facts) || !_entered.Add(RealPath.IdentityOf(directory, facts))) return false;
        _ahead.Enqueue((directory, path));
        return true;
    }

    private bool IsLeftOut(string path, FileStat facts) => _leftOut.Count > 0 && _leftOut.Contains(RealPath.IdentityOf(path, facts));

    private void List(string directory, string path)
    {
        try
        {
            if (BackupRepository.IsBackup(directory)) return;
            if (path.Length > 0) Directories.Add(path);
            foreach (var entry in System.IO.Directory.EnumerateFileSystemEntries(directory)) Take(entry, path.Length == 0 ? Path.GetFileName(entry) : $"{path}/{Path.GetFileName(entry)}");
        }
        catch (DirectoryNotFoundException)
        {
            // Removed in the meantime.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unreadable.Add($"{directory}: {e.Message}");
        }
    }

    private void Take(string entry, string path)
    {
        var facts = FileStat.Find(entry);
        switch (facts?.Kind)
        {
            case FileKind.Regular when IsLeftOut(entry, facts.Value):
                break;
            case FileKind.Regular:
                Files.Add((entry, path));
                break;
            case FileKind.Directory:
                Enter(entry, path);
                break;
            case FileKind.SymbolicLink when followsLinks:
                _links.Enqueue((entry, path));
                break;
            case FileKind.SymbolicLink:
                Skipped.Add($"{entry}: is a symbolic link and is not followed");
                break;
            case FileKind.Special when !entry.EndsWith(".sock", StringComparison.Ordinal):
                Skipped.Add($"{entry}: is neither a file nor a directory");
                break;
            case null when entry.Contains('\uFFFD', StringComparison.Ordinal):
                Unreadable.Add($"{entry}: the name is not valid UTF-8; rename it");
                break;
        }
    }

    private void Follow(string link, string path)
    {
        var target = RealPath.Of(link);
        switch (FileStat.Find(target))
        {
            case { } facts when IsLeftOut(target, facts):
                break;
            case { Kind: FileKind.Regular }:
                Files.Add((target, path));
                break;
            case { Kind: FileKind.Directory } when RealPath.IsWithin(root, target):
                Skipped.Add($"{link}: links to {target}, which contains it");
                break;
            case { Kind: FileKind.Directory } when !Enter(target, path):
                Skipped.Add($"{link}: links to {target}, which is copied under its own name");
                break;
            case { Kind: FileKind.Special }:
                Skipped.Add($"{link}: links to {target}, which is neither a file nor a directory");
                break;
            case null or { Kind: FileKind.SymbolicLink }:
                Skipped.Add($"{link}: is a dangling symbolic link");
                break;
        }
    }
}
