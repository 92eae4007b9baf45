using MailServer.Domain.Backup;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Backup;

/// <summary>A backup that is being filled: files and their list, each path once.</summary>
internal sealed class BackupTarget : IDisposable
{
    private const int Probe = 128 * 1024;

    private readonly BackupManifest.Writer _manifest;
    private readonly HashedCopy _copy = new();
    private readonly IProgress<BackupProgress>? _progress;
    private BackupProgress _at;
    private long _newFiles;
    private long _newBytes;
    private bool _isDone;

    public BackupTarget(string directory, long counter, IProgress<BackupProgress>? progress)
    {
        (Directory, _progress) = (directory, progress);
        _manifest = new BackupManifest.Writer(directory, counter);
        Posix.GiveToOwnerOf(Path.Combine(directory, BackupManifest.FileName), directory);
    }

    public string Directory { get; }

    public bool Has(string path) => _manifest.Has(path);

    /// <summary>Where a file goes; the directory is made.</summary>
    public string PathOf(string path)
    {
        var target = Path.Combine(Directory, path);
        MakeDirectory(Path.GetDirectoryName(target)!);
        return target;
    }

    public void MakeDirectory(string directory)
    {
        if (System.IO.Directory.Exists(directory)) return;
        MakeDirectory(Path.GetDirectoryName(directory)!);
        Posix.CreatePrivateDirectory(directory);
        Posix.GiveToOwnerOf(directory, Directory);
    }

    /// <exception cref="InvalidDataException">The file cannot be read; nothing of it is left.</exception>
    public BackupEntry Copy(SafeFileHandle input, string path)
    {
        var target = PathOf(path);
        try
        {
            using var output = OwnFile.Create(target);
            var (hash, size) = _copy.Run(input, output);
            Posix.GiveToOwnerOf(target, Directory);
            return Add(new BackupEntry(hash, size, path), isNew: true);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Drop(path);
            throw;
        }
    }

    /// <summary>Lists a file of the previous backup that was linked into its place.</summary>
    public void AddShared(BackupEntry entry) => Add(entry, isNew: false);

    /// <summary>A second name for a file that is in this backup already; false when that is not possible.</summary>
    public bool TryRepeat(BackupEntry earlier, string path)
    {
        if (!Posix.TryLink(Path.Combine(Directory, earlier.Path), PathOf(path))) return false;
        Add(earlier with { Path = path }, isNew: false);
        return true;
    }

    /// <summary>Lists a file that lies in its place already.</summary>
    public void AddWritten(string path)
    {
        var file = Path.Combine(Directory, path);
        Posix.GiveToOwnerOf(file, Directory);
        using var input = ForeignFile.Open(file);
        var (hash, size) = _copy.Run(input, output: null);
        Add(new BackupEntry(hash, size, path), isNew: true);
    }

    /// <summary>Removes a file that was not written to its end.</summary>
    public void Drop(string path) => Posix.TryUnlink(Path.Combine(Directory, path));

    /// <summary>Whether a failure comes from the disk of the backup, which will take no other file either.</summary>
    public bool IsCauseOf(Exception failure)
    {
        if (failure is SqliteFailure { Code: SQLitePCL.raw.SQLITE_FULL }) return true;
        var probe = Path.Combine(Directory, ".probe");
        try
        {
            using (var file = OwnFile.Replace(probe))
            {
                RandomAccess.Write(file, new byte[Probe], 0);
                RandomAccess.FlushToDisk(file);
            }

            return !Posix.TryUnlink(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    public void Say(string what) => _progress?.Report(_at = _at with { What = what });

    public void Expect(int more) => _at = _at with { Total = _at.Done + more };

    public BackupSummary Complete(BackupFolder folder)
    {
        _manifest.Complete();
        var name = folder.Complete(Directory);
        _isDone = true;
        return new BackupSummary(name, _at.Done, _at.Bytes, _newFiles, _newBytes);
    }

    /// <summary>Removes everything unless it was completed: what is left of a failed backup would keep a full disk full.</summary>
    public void Dispose()
    {
        _manifest.Dispose();
        _copy.Dispose();
        if (_isDone) return;
        try
        {
            BackupFolder.Remove(Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next backup tries again, and says so.
        }
    }

    private BackupEntry Add(BackupEntry entry, bool isNew)
    {
        _manifest.Add(entry);
        if (isNew) (_newFiles, _newBytes) = (_newFiles + 1, _newBytes + entry.Size);
        _at = _at with { Done = _at.Done + 1, Total = Math.Max(_at.Total, _at.Done + 1), Bytes = _at.Bytes + entry.Size };
        _progress?.Report(_at);
        return entry;
    }
}
