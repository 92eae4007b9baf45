using MailServer.Storage.Directory;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>Where everything of an installation lies. Paths are held without symbolic links, so that one place has one name.</summary>
public sealed record BackupPlaces
{
    public required string DataDirectory { get; init => field = RealPath.Of(value); }

    public required string MaildirDirectory { get; init => field = RealPath.Of(value); }

    public required string DatabaseFile { get; init => field = RealPath.Of(value); }

    /// <summary>The log, when it is a file. It and its older parts are in no backup.</summary>
    public string? LogFile { get; init => field = value is null ? null : RealPath.Of(value); }

    /// <summary>Files outside of the data directory that belong to it, with the names they get in the backup: the configuration, keys.</summary>
    public IReadOnlyList<(string Name, string File)> Others { get; init; } = [];

    /// <summary>Opens the database that the nodes of a cluster share, which has directory, bans and journal; null: they are files.</summary>
    public Func<PostgresDatabase>? Shared { get; init; }

    /// <summary>What this node alone writes, of several; the others' is not copied.</summary>
    public string? NodeDirectory { get; init; }

    public string SpoolDirectory => RealPath.Of(Path.Combine(DataDirectory, "spool"));

    internal string JournalFile => RealPath.Of(Path.Combine(DataDirectory, "journal.db"));

    /// <summary>On the file system of the mail, so that files can be linked into it.</summary>
    internal string StagingDirectory => Path.Combine(MaildirDirectory, ".backup");

    /// <summary>The same for the spool, which may be on another file system than the mail.</summary>
    internal string SpoolStagingDirectory => Path.Combine(SpoolDirectory, ".backup");

    /// <summary>Directories in the data directory that are copied in their own way, or never: nothing else belongs into them.</summary>
    internal IEnumerable<string> OwnDirectories =>
        [SpoolDirectory, StagingDirectory, Path.Combine(DataDirectory, "wire"), Path.Combine(DataDirectory, "node"), .. AccountFolders];

    private IEnumerable<string> AccountFolders => AccountFolder.List(MaildirDirectory).Select(id => AccountFolder.PathOf(MaildirDirectory, id));

    /// <summary>
    /// Why backups cannot be kept in a directory; null when they can. Elsewhere below the data directory they can: backups leave each other out.
    /// </summary>
    public string? FindConflict(string directory)
    {
        if (File.Exists(directory)) return $"{directory} is not a directory";
        for (string? parent = RealPath.Of(directory); parent is not null; parent = Path.GetDirectoryName(parent))
            if (BackupFolder.IsBackup(parent)) return $"{directory} is inside the backup {parent}: choose the directory that contains the backups, or another one";
        if (RealPath.IsWithin(DataDirectory, directory)) return Contains(directory, DataDirectory, "storage.data_dir");
        if (RealPath.IsWithin(MaildirDirectory, directory)) return Contains(directory, MaildirDirectory, "storage.maildir_path");
        var inside = OwnDirectories.FirstOrDefault(own => RealPath.IsWithin(directory, own));
        return inside is null ? null : $"{directory} is inside {inside}, which belongs to the server: choose another directory for backups";
    }

    /// <summary>Whether a path lies where the server keeps its data, whatever names lead there.</summary>
    public bool Owns(string path) => RealPath.IsWithin(path, DataDirectory) || RealPath.IsWithin(path, MaildirDirectory);

    /// <summary>
    /// Whether it belongs to the file system and not to the installation: each ext file system has it in its root, readable by root alone, and a disk may be mounted here.
    /// </summary>
    internal bool IsOfFileSystem(string path) =>
        Path.GetFileName(path) == "lost+found" && Path.GetDirectoryName(path) is var parent && (parent == DataDirectory || parent == MaildirDirectory || parent == SpoolDirectory);

    internal bool IsLog(string file) => LogFile is { } log && (file == log || file.StartsWith(log + ".", StringComparison.Ordinal));

    private static string Contains(string directory, string place, string key) => RealPath.Of(directory) == place
        ? $"{directory} is {key} itself: choose a directory of its own for backups"
        : $"{directory} contains {place} ({key}): choose a directory of its own for backups";
}
