using System.Diagnostics;
using MailServer.Domain.Measurements;
using MailServer.Domain.Messages;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>The directory of a folder with its <c>cur/</c>, <c>new/</c> and <c>tmp/</c>.</summary>
internal sealed class FolderDirectory(string path, bool sync)
{
    private static readonly string[] Parts = ["cur", "new", "tmp"];

    /// <summary>The files beside the messages that belong to the folder, except its state.</summary>
    private static readonly string[] Attached = [AnnotationFile.FileName, GrantFile.FileName, SeenFile.FileName];

    /// <summary>The files beside the messages that belong to the folder.</summary>
    public static IReadOnlyList<string> Files { get; } = [FolderState.FileName, .. Attached];

    public string Path { get; } = path;

    public string Current { get; } = System.IO.Path.Combine(path, "cur");

    public string New { get; } = System.IO.Path.Combine(path, "new");

    public string Temporary { get; } = System.IO.Path.Combine(path, "tmp");

    public string Parent { get; } = System.IO.Path.GetDirectoryName(path)!;

    public bool Syncs => sync;

    /// <summary>The modification time of <c>cur/</c>.</summary>
    public long LastNameChange => System.IO.Directory.GetLastWriteTimeUtc(Current).Ticks;

    /// <summary>True for any directory that contains <c>cur/</c>.</summary>
    public static bool IsFolder(string path) => SafeFileReader.IsDirectory(System.IO.Path.Combine(path, "cur"));

    /// <summary>Returns why a directory cannot be used as a folder: a subdirectory is a link or a file. Null if it can.</summary>
    public static string? FindObstacle(string path)
    {
        foreach (var part in Parts)
            if (FileStat.Find(System.IO.Path.Combine(path, part)) is { Kind: not FileKind.Directory }) return $"{path}/{part} is not a directory; the folder is skipped";
        return null;
    }

    public void Create()
    {
        foreach (var part in new[] { Temporary, New, Current }) Posix.CreatePrivateDirectory(part);
    }

    /// <summary>Makes the names in a directory and in its parents up to <paramref name="root"/> durable.</summary>
    public static void SyncNames(string path, string root, bool sync)
    {
        if (!sync) return;
        for (var level = path; level.Length >= root.Length; level = System.IO.Path.GetDirectoryName(level)!) Posix.SyncDirectory(level);
    }

    public string PathOf(string fileName) => string.Concat(Current, "/", fileName);

    public MessageContent? TryOpen(string fileName) => FileContent.TryOpen(PathOf(fileName));

    public void SyncCurrent()
    {
        if (!sync) return;
        var startedAt = Stopwatch.GetTimestamp();
        Posix.SyncDirectory(Current);
        ServerMetrics.RecordFlush("folder", startedAt);
    }

    /// <summary>Lists the file names in <c>cur/</c> or <c>new/</c>, without names that start with a dot.</summary>
    public static List<string> List(string directory)
    {
        var names = new List<string>();
        if (!System.IO.Directory.Exists(directory)) return names;
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles())
        {
            if (file.Name[0] != '.') names.Add(file.Name);
        }

        return names;
    }

    /// <summary>The size of all messages in octets. The names are not trusted: another tool may have made them.</summary>
    public long MeasureMessages() => new[] { Current, New }.Sum(static directory => List(directory).Sum(name => FileStat.Find($"{directory}/{name}")?.Size ?? 0));

    /// <summary>Finds the file of a message that another tool renamed; null if it does not exist.</summary>
    public string? Find(string baseName, uint uid)
    {
        foreach (var name in List(Current))
        {
            var parsed = MessageFileName.Parse(name);
            if (parsed.Uid == uid && parsed.Base == baseName) return name;
        }

        return null;
    }

    /// <summary>Removes the subdirectories of the folder. Child folders remain, and with them the directory.</summary>
    public void Remove()
    {
        foreach (var part in new[] { New, Current, Temporary })
        {
            if (System.IO.Directory.Exists(part)) System.IO.Directory.Delete(part, recursive: true);
        }

        foreach (var file in Attached) Posix.TryUnlink(System.IO.Path.Combine(Path, file));
        Posix.TryUnlink(System.IO.Path.Combine(Path, FolderState.FileName));
    }

    /// <summary>Moves the subdirectories of the folder to another directory, which may already contain child folders.</summary>
    public void MoveTo(FolderDirectory target)
    {
        Posix.CreatePrivateDirectory(target.Path);
        foreach (var part in Files.Concat(["cur", "new", "tmp"]))
            Posix.TryRename(System.IO.Path.Combine(Path, part), System.IO.Path.Combine(target.Path, part));
    }
}
