using MailServer.Domain.Backup;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Backup;

/// <summary>A backup in progress: writes files and their manifest entries, each path once.</summary>
internal sealed class BackupBuilder : IDisposable
{
    private const int Probe = 128 * 1024;

    private readonly BackupManifest.Writer _manifest;
    private readonly HashingCopier _copy = new();
    private readonly IProgress<BackupProgress>? _progress;
    private BackupProgress _at;
    private long _newFiles;
    private long _newBytes;
    private bool _isDone;

    public BackupBuilder(string directory, long counter, IProgress<BackupProgress>? progress)
    {
        (Directory, _progress) = (directory, progress);
        _manifest = new BackupManifest.Writer(directory, counter);
        Posix.GiveToOwnerOf(Path.Combine(directory, BackupManifest.FileName), directory);
    }

    public string Directory { get; }

    public bool Has(string path) => _manifest.Has(path);

    /// <summary>Returns the target path of a file; creates its directory.</summary>
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

    /// <exception cref="InvalidDataException">The file cannot be read; no part of it remains.</exception>
    public BackupEntry Copy(SafeFileHandle input, string path)
    {
        var target = PathOf(path);
        try
        {
            using var output = PrivateFile.Create(target);
            var (hash, size) = _copy.Run(input, output);
            Posix.GiveToOwnerOf(target, Directory);
            return Add(new BackupEntry(hash, size, path), isNew: true);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            RemoveIncomplete(path);
            throw;
        }
    }

    /// <summary>Adds the entry of a file that was linked from the previous backup.</summary>
    public void AddShared(BackupEntry entry) => Add(entry, isNew: false);

    /// <summary>Adds a hard link to a file that this backup already contains; returns false if that is not possible.</summary>
    public bool TryLinkDuplicate(BackupEntry earlier, string path)
    {
        if (!Posix.TryLink(Path.Combine(Directory, earlier.Path), PathOf(path))) return false;
        Add(earlier with { Path = path }, isNew: false);
        return true;
    }

    /// <summary>Adds the entry of a file that was written directly.</summary>
    public void AddWritten(string path)
    {
        var file = Path.Combine(Directory, path);
        Posix.GiveToOwnerOf(file, Directory);
        using var input = SafeFileReader.Open(file);
        var (hash, size) = _copy.Run(input, output: null);
        Add(new BackupEntry(hash, size, path), isNew: true);
    }

    /// <summary>Removes an incomplete file.</summary>
    public void RemoveIncomplete(string path) => Posix.TryUnlink(Path.Combine(Directory, path));

    /// <summary>True if a failure was caused by the disk of the backup, so that other files would fail too.</summary>
    public bool IsTargetFailure(Exception failure)
    {
        if (failure is SqliteNativeException { Code: SQLitePCL.raw.SQLITE_FULL }) return true;
        var probe = Path.Combine(Directory, ".probe");
        try
        {
            using (var file = PrivateFile.Replace(probe))
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

    public void ReportStep(string what) => _progress?.Report(_at = _at with { Step = what });

    public void Expect(int more) => _at = _at with { Total = _at.Done + more };

    public BackupSummary Complete(BackupRepository folder)
    {
        _manifest.Complete();
        var name = folder.Complete(Directory);
        _isDone = true;
        return new BackupSummary(name, _at.Done, _at.Bytes, _newFiles, _newBytes);
    }

    /// <summary>Removes an incomplete backup, so that it does not keep a full disk full.</summary>
    public void Dispose()
    {
        _manifest.Dispose();
        _copy.Dispose();
        if (_isDone) return;
        try
        {
            BackupRepository.Remove(Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next backup tries again and reports it.
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
