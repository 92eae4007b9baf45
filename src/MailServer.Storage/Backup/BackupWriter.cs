using System.Globalization;
using System.Security.Cryptography;
using MailServer.Domain.Accounts;
using MailServer.Domain.Backup;
using MailServer.Storage.Health;
using MailServer.Storage.Maildir;
using MailServer.Storage.Postgres;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>
/// Makes one backup, also of a server that runs. What is acknowledged before it begins is in it: of each account everything is taken at one
/// moment; of the queue first the message files, then the journal, then the files that came meanwhile. Message files never change, so those
/// that the last backup has are linked from there instead of being read again.
/// </summary>
public sealed class BackupWriter(BackupPlaces places, BackupFolder folder, IBackupSource source, TimeProvider time) : IDisposable
{
    private const int Block = 128 * 1024;

    private readonly byte[] _block = new byte[Block];
    private readonly List<string> _problems = [];
    private string _target = "";
    private BackupManifest.Writer? _manifest;
    private IProgress<BackupProgress>? _progress;
    private BackupProgress _at;
    private long _newFiles;
    private long _newBytes;
    private long _bytes;

    public async Task<BackupSummary> RunAsync(IReadOnlyList<AccountId> accounts, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        _progress = progress;
        var last = folder.List() is [.., var newest] ? Path.Combine(folder.Path, newest) : null;
        _target = folder.Begin(time.GetUtcNow());
        Clear(places.StagingDirectory);
        try
        {
            _manifest = new BackupManifest.Writer(_target);
            await CopyQueueAsync(cancel);
            CopyDataDirectory(cancel);
            var known = Known(last);
            foreach (var account in accounts)
            {
                await TryAsync(() => CopyMailAsync(account, known, last, cancel), $"the mail of {NameOf(account)}");
                await TryAsync(() => CopyCollectionsAsync(account, cancel), $"the calendars and contacts of {NameOf(account)}");
            }

            _manifest.Complete();
            return new BackupSummary(folder.Complete(_target), _at.Done, _bytes, _newFiles, _newBytes) { Problems = _problems };
        }
        finally
        {
            Clear(places.StagingDirectory);
        }
    }

    public void Dispose() => _manifest?.Dispose();

    /// <summary>Files before and after the journal: what it names was in the spool at one of the two moments.</summary>
    private async Task CopyQueueAsync(CancellationToken cancel)
    {
        Say("queue");
        var staging = Path.Combine(places.StagingDirectory, "spool");
        Posix.CreatePrivateDirectory(staging);
        LinkSpool(staging);
        CopyDatabase(Path.Combine(places.DataDirectory, "journal.db"), "journal.db");
        CopyShared();
        LinkSpool(staging);
        foreach (var file in FolderDirectory.List(staging)) await CopyAsync(Path.Combine(staging, file), $"spool/{file}", cancel);
        Clear(staging);
    }

    /// <summary>All tables at one moment, the queue's among them.</summary>
    private void CopyShared()
    {
        if (places.Shared is null) return;
        using var database = places.Shared();
        var directory = Path.Combine(_target, DatabaseDump.Folder);
        Posix.CreatePrivateDirectory(directory);
        foreach (var file in new DatabaseDump(database).Write(directory)) Note($"{DatabaseDump.Folder}/{file}");
    }

    private void LinkSpool(string staging)
    {
        foreach (var name in FolderDirectory.List(places.SpoolDirectory))
        {
            try
            {
                Posix.LinkOrCopy(Path.Combine(places.SpoolDirectory, name), Path.Combine(staging, name));
            }
            catch (FileNotFoundException)
            {
                // Delivered this moment.
            }
        }
    }

    /// <summary>Databases as they are at one moment each, then keys, certificates and whatever else lies beside them.</summary>
    private void CopyDataDirectory(CancellationToken cancel)
    {
        Say("directory, keys and certificates");
        CopyDatabase(places.DatabaseFile, "mail.db");
        foreach (var file in Files(places.DataDirectory))
        {
            cancel.ThrowIfCancellationRequested();
            var name = Path.GetFileName(file);
            if (name is "mail.db" or "journal.db" || IsOnlyHere(name)) continue;
            if (name.EndsWith(".db", StringComparison.Ordinal)) CopyDatabase(file, name);
            else CopyNamed(file, name);
        }

        foreach (var directory in System.IO.Directory.EnumerateDirectories(places.DataDirectory))
        {
            var name = Path.GetFileName(directory);
            // Of nodes only what this one has: of the others' databases nobody here may read.
            if (name is "spool" or "wire" or "node" || SameFile(directory, places.MaildirDirectory)) continue;
            foreach (var file in System.IO.Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)) CopyNamed(file, $"{name}/{Path.GetRelativePath(directory, file)}");
        }

        if (places.NodeDirectory is { } own && System.IO.Directory.Exists(own))
        {
            foreach (var file in Files(own, "*.db"))
            {
                CopyDatabase(file, Path.GetRelativePath(places.DataDirectory, file));
            }
        }

        foreach (var (name, file) in places.Others)
            if (File.Exists(file)) CopyNamed(file, $"others/{name}");
    }

    private async Task CopyMailAsync(AccountId account, Dictionary<string, BackupEntry> known, string? last, CancellationToken cancel)
    {
        var name = NameOf(account);
        Say(name);
        var relative = $"maildir/{name}";
        var staging = Path.Combine(places.StagingDirectory, name);
        var copy = await source.CopyMailboxAsync(account, staging, known.Keys.ToHashSet(StringComparer.Ordinal), cancel);
        _at = _at with { Total = _at.Done + copy.Files.Count };
        foreach (var file in Files(staging, "*", SearchOption.AllDirectories).Where(f => !IsMessage(f)).ToArray()) await CopyAsync(file, $"{relative}/{Path.GetRelativePath(staging, file)}", cancel);
        foreach (var message in copy.Files)
        {
            var path = $"{relative}/{message.Path}";
            if (message.IsLinked) await CopyMessageAsync(staging, message, path, known, cancel);
            else Link(known[message.Key!], _target, last!, path);
        }

        foreach (var directory in System.IO.Directory.EnumerateDirectories(staging, "*", SearchOption.AllDirectories))
            Posix.CreatePrivateDirectory(TargetOf($"{relative}/{Path.GetRelativePath(staging, directory)}"));
        Clear(staging);
    }

    private async Task CopyCollectionsAsync(AccountId account, CancellationToken cancel)
    {
        var path = $"maildir/{NameOf(account)}/dav.db";
        var target = TargetOf(path);
        try
        {
            await source.CopyCollectionsAsync(account, target, cancel);
        }
        catch (IOException)
        {
            // Half a copy is none.
            File.Delete(target);
            throw;
        }

        Note(path);
    }

    /// <summary>What cannot be read is left out and reported; everything else is still wanted.</summary>
    private async Task TryAsync(Func<Task> copy, string what)
    {
        try
        {
            await copy();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException && !IsFull(e))
        {
            _problems.Add($"{what}: {e.Message}");
        }
    }

    private void CopyDatabase(string file, string path)
    {
        var target = TargetOf(path);
        try
        {
            if (SqliteDatabase.TryCopy(file, target)) Note(path);
        }
        catch (SqliteFailure failure) when (!IsFull(failure))
        {
            File.Delete(target);
            _problems.Add($"{path}: {failure.Message}");
        }
    }

    /// <summary>A backup on a full disk would leave out everything that follows: it ends instead.</summary>
    private bool IsFull(Exception e) => e is SqliteFailure { Code: SQLitePCL.raw.SQLITE_FULL } || new DriveInfo(Path.GetFullPath(_target)).AvailableFreeSpace < Block;

    private static string NameOf(AccountId account) => string.Create(CultureInfo.InvariantCulture, $"user_{account.Value}");

    /// <summary>Logs that belong to a database, its snapshot, a damaged file that was set aside, the lock.</summary>
    private static bool IsOnlyHere(string name) =>
        name.EndsWith("-wal", StringComparison.Ordinal) || name.EndsWith("-shm", StringComparison.Ordinal) || DamagedFile.IsSetAside(name)
        || name.EndsWith(".snapshot", StringComparison.Ordinal) || name.EndsWith(".next", StringComparison.Ordinal) || name is DataLock.FileName or "reserve";

    private async Task CopyMessageAsync(string staging, Domain.Mailboxes.CopiedMessage message, string path, Dictionary<string, BackupEntry> known, CancellationToken cancel)
    {
        // The same message in several folders is one file with several names, also here.
        if (message.Key is { } key && known.TryGetValue(key, out var earlier) && File.Exists(Path.Combine(_target, earlier.Path)))
        {
            Link(earlier, _target, _target, path);
            return;
        }

        var entry = await CopyAsync(Path.Combine(staging, message.Path), path, cancel);
        if (message.Key is not null) known.TryAdd(message.Key, entry);
    }

    private void Link(BackupEntry entry, string target, string from, string path)
    {
        var made = Path.Combine(target, path);
        Posix.CreatePrivateDirectory(Path.GetDirectoryName(made)!);
        var existing = Path.Combine(File.Exists(Path.Combine(target, entry.Path)) ? target : from, entry.Path);
        Posix.LinkOrCopy(existing, made);
        Add(entry with { Path = path }, isNew: false);
    }

    private async Task<BackupEntry> CopyAsync(string from, string path, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        // Hashing and copying block; the caller may be a server's own thread.
        return await Task.Run(
            () =>
            {
                using var input = ForeignFile.Open(from);
                return CopyNow(input, path);
            },
            cancel);
    }

    /// <summary>A file of the configuration or of the data directory, which may be a link to where it is kept. What is no file holds no data.</summary>
    private void CopyNamed(string from, string path)
    {
        try
        {
            using var input = ForeignFile.OpenNamed(from);
            CopyNow(input, path);
        }
        catch (Exception e) when (e is NotRegularFileException or FileNotFoundException)
        {
            // A socket, a FIFO, or a link to nothing.
        }
    }

    private BackupEntry CopyNow(Microsoft.Win32.SafeHandles.SafeFileHandle input, string path)
    {
        using var output = OwnFile.Replace(TargetOf(path));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long offset = 0;
        while (RandomAccess.Read(input, _block, offset) is > 0 and var read)
        {
            hash.AppendData(_block, 0, read);
            RandomAccess.Write(output, _block.AsSpan(0, read), offset);
            offset += read;
        }

        // Dates of messages are the times of their files.
        File.SetLastWriteTimeUtc(output, File.GetLastWriteTimeUtc(input));
        var entry = new BackupEntry(Convert.ToHexStringLower(hash.GetHashAndReset()), offset, path);
        Add(entry, isNew: true);
        return entry;
    }

    /// <summary>A file that lies in its place already.</summary>
    private void Note(string path)
    {
        var file = Path.Combine(_target, path);
        using var stream = ForeignFile.Stream(ForeignFile.Open(file));
        Add(new BackupEntry(Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length, path), isNew: true);
    }

    private void Add(BackupEntry entry, bool isNew)
    {
        _manifest!.Add(entry);
        _bytes += entry.Size;
        if (isNew) (_newFiles, _newBytes) = (_newFiles + 1, _newBytes + entry.Size);
        _at = _at with { Done = _at.Done + 1, Total = Math.Max(_at.Total, _at.Done + 1), Bytes = _bytes };
        _progress?.Report(_at);
    }

    private void Say(string what) => _progress?.Report(_at = _at with { What = what });

    private string TargetOf(string path)
    {
        var target = Path.Combine(_target, path);
        Posix.CreatePrivateDirectory(Path.GetDirectoryName(target)!);
        return target;
    }

    /// <summary>The contents of the last backup by their keys.</summary>
    private static Dictionary<string, BackupEntry> Known(string? last)
    {
        var known = new Dictionary<string, BackupEntry>(StringComparer.Ordinal);
        if (last is null) return known;
        foreach (var entry in BackupManifest.Read(last))
        {
            var name = entry.Path[(entry.Path.LastIndexOf('/') + 1)..];
            if (entry.Path.StartsWith("maildir/", StringComparison.Ordinal) && name.IndexOf(",U=", StringComparison.Ordinal) is > 0 and var end)
                known.TryAdd(name[..end], entry);
        }

        return known;
    }

    private static bool IsMessage(string file) => Path.GetFileName(Path.GetDirectoryName(file)) is "cur" or "new";

    private static bool SameFile(string a, string b) => Path.GetFullPath(a).TrimEnd('/') == Path.GetFullPath(b).TrimEnd('/');

    /// <summary>Regular files alone: no sockets.</summary>
    private static IEnumerable<string> Files(string directory, string pattern = "*", SearchOption depth = SearchOption.TopDirectoryOnly) =>
        System.IO.Directory.EnumerateFiles(directory, pattern, depth).Where(f => !f.EndsWith(".sock", StringComparison.Ordinal));

    private static void Clear(string directory)
    {
        if (System.IO.Directory.Exists(directory)) System.IO.Directory.Delete(directory, recursive: true);
    }
}
