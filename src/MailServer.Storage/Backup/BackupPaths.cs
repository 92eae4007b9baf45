using MailServer.Storage.Directory;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>The paths of an installation. They contain no symbolic links, so that each place has a unique path.</summary>
public sealed record BackupPaths
{
    private string _namedData = "";
    private string _namedMaildir = "";
    private string _namedDatabase = "";

    public required string DataDirectory { get; init => field = RealPath.Of(_namedData = value); }

    public required string MaildirDirectory { get; init => field = RealPath.Of(_namedMaildir = value); }

    public required string DatabaseFile { get; init => field = RealPath.Of(_namedDatabase = value); }

    /// <summary>The log file, if any. Backups contain neither it nor its rotated files.</summary>
    public string? LogFile { get; init => field = value is null ? null : RealPath.Of(value); }

    /// <summary>Files outside the data directory that belong to it, with their names in the backup: configuration, keys.</summary>
    public IReadOnlyList<(string Name, string File)> Others { get; init; } = [];

    /// <summary>Opens the shared database of a cluster, which contains directory, bans and journal; null if they are files.</summary>
    public Func<PostgresDatabase>? Shared { get; init; }

    /// <summary>The directory of files that only this node writes; those of other nodes are not copied.</summary>
    public string? NodeDirectory { get; init; }

    public string SpoolDirectory => RealPath.Of(Path.Combine(DataDirectory, "spool"));

    internal string JournalFile => RealPath.Of(Path.Combine(DataDirectory, "journal.db"));

    /// <summary>Staging directory on the file system of the mail, so that message files can be linked into it.</summary>
    internal string StagingDirectory => Path.Combine(MaildirDirectory, ".backup");

    /// <summary>Staging directory on the file system of the spool, which may differ from that of the mail.</summary>
    internal string SpoolStagingDirectory => Path.Combine(SpoolDirectory, ".backup");

    /// <summary>Directories in the data directory that are copied separately or not at all.</summary>
    internal IEnumerable<string> OwnDirectories =>
        [SpoolDirectory, StagingDirectory, Path.Combine(DataDirectory, "wire"), Path.Combine(DataDirectory, "node"), .. AccountFolders];

    private IEnumerable<string> AccountFolders => AccountFolder.List(MaildirDirectory).Select(id => AccountFolder.PathOf(MaildirDirectory, id));

    /// <summary>
    /// Returns why backups cannot be kept in a directory; null if they can. Other directories
    /// below the data directory are allowed, because backups exclude existing backups.
    /// </summary>
    public string? FindConflict(string directory)
    {
        if (File.Exists(directory)) return $"{directory} is not a directory";
        for (string? parent = RealPath.Of(directory); parent is not null; parent = Path.GetDirectoryName(parent))
            if (BackupRepository.IsBackup(parent)) return $"{directory} is inside the backup {parent}: choose the directory that contains the backups, or another one";
        if (RealPath.IsWithin(DataDirectory, directory)) return Contains(directory, DataDirectory, "storage.data_dir");
        if (RealPath.IsWithin(MaildirDirectory, directory)) return Contains(directory, MaildirDirectory, "storage.maildir_path");
        var inside = OwnDirectories.FirstOrDefault(own => RealPath.IsWithin(directory, own));
        return inside is null ? null : $"{directory} is inside {inside}, which belongs to the server; choose another directory for backups";
    }

    /// <summary>
    /// A symbolic link on the way to one of these paths through which nothing may be created, and the reason; null if there is none. The server's user can
    /// make links in its directories, and a restore by root must not write where they lead, unless that place belongs to whoever made the link.
    /// </summary>
    internal string? FindUnsafeLink()
    {
        foreach (var (named, isFile) in ((string, bool)[])[(_namedData, false), (_namedMaildir, false), (Path.Combine(_namedData, "spool"), false), (Path.Combine(_namedData, "node"), false), (_namedDatabase, true)])
        {
            foreach (var link in RealPath.LinksOf(named))
            {
                var target = RealPath.Of(link);
                var place = isFile && target == RealPath.Of(named) ? Path.GetDirectoryName(target)! : target;
                if (FileStat.Find(place) is not { Kind: FileKind.Directory } found)
                    return $"{link} is a symbolic link to {target}, which does not exist: restore creates nothing through links; create {place} for the server's user, or remove the link";
                if (MakerOf(link) is not 0 and var maker && maker != found.User)
                    return $"{link} is a symbolic link to {target}, which belongs to another user: restore creates nothing through such links; remove the link";
            }
        }

        return null;
    }

    /// <summary>Who can have made a link: its owner, or the owner of its directory.</summary>
    private static uint MakerOf(string link) => FileStat.Find(link) is { User: > 0 } own ? own.User : FileStat.Find(Path.GetDirectoryName(link)!)?.User ?? 0;

    /// <summary>True if a path lies in the data of the server, also through links.</summary>
    public bool Owns(string path) => RealPath.IsWithin(path, DataDirectory) || RealPath.IsWithin(path, MaildirDirectory);

    /// <summary>
    /// Whether it belongs to the file system and not to the installation: each ext file system has it in its root, readable by root alone, and a disk may be mounted here.
    /// </summary>
    internal bool IsOfFileSystem(string path) =>
        Path.GetFileName(path) == "lost+found" && Path.GetDirectoryName(path) is var parent && (parent == DataDirectory || parent == MaildirDirectory || parent == SpoolDirectory);

    internal bool IsLog(string file) => LogFile is { } log && (file == log || file.StartsWith(log + ".", StringComparison.Ordinal));

    private static string Contains(string directory, string place, string key) => RealPath.Of(directory) == place
        ? $"{directory} is {key} itself; choose a separate directory for backups"
        : $"{directory} contains {place} ({key}); choose a separate directory for backups";
}
