using System.Security.Cryptography;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Scripts;

/// <summary>
/// The Sieve scripts of one account: files <c>NAME.sieve</c> in the directory <c>.sieve</c> beside its folders, and the name of the active one in the file <c>active</c>. The
/// directory begins with a dot because a user may have a folder named <c>sieve</c>. Changes are durable when a method returns. Has one owner; not thread-safe.
/// </summary>
public sealed class ScriptFolder
{
    /// <summary>The directory in the folder of the account.</summary>
    public const string DirectoryName = ".sieve";

    /// <summary>The name of the active script if its file cannot be read. No script has this name, so a delivery reports an error instead of doing without rules.</summary>
    public const string Unknown = "";

    private const string Suffix = ".sieve";
    private const string ActiveName = "active";
    private const int VersionLength = 12;

    private readonly string _directory;
    private readonly string? _parent;
    private readonly Limits _limits;
    private readonly bool _sync;
    private ((FileStat, DateTime) Stamp, string? Name)? _active;

    /// <param name="accountDirectory">The folder of the account.</param>
    /// <param name="limits">Number and sizes of scripts.</param>
    /// <param name="sync">Whether changes are flushed. False only in tests.</param>
    public ScriptFolder(string accountDirectory, Limits limits, bool sync = true)
    {
        ArgumentNullException.ThrowIfNull(accountDirectory);
        (_directory, _limits, _sync) = (Path.Combine(accountDirectory, DirectoryName), limits, sync);
    }

    private ScriptFolder(string directory, string parent, Limits limits, bool sync) => (_directory, _parent, _limits, _sync) = (directory, parent, limits, sync);

    /// <summary>The name of the active script; null if none is. The file may be missing, if somebody removed it by hand.</summary>
    public string? Active
    {
        get
        {
            // Most accounts have no scripts.
            if (FileStat.Find(ActivePath) is not { } stat) return FileStat.Find(_directory) is null ? null : ReadActive();
            var stamp = (stat, File.GetLastWriteTimeUtc(ActivePath));
            if (_active is { } known && known.Stamp == stamp) return known.Name;
            var name = ReadActive();
            _active = (stamp, name);
            return name;
        }
    }

    /// <summary>The scripts of a domain, in its own folder of <paramref name="directory"/>. Those named <c>before</c> and <c>after</c> run for every account; all of them can be included. None is active.</summary>
    /// <param name="directory">The directory of all domains' scripts, created when the first script is stored.</param>
    /// <param name="domain">The domain, normalised.</param>
    /// <param name="limits">Number and sizes of scripts.</param>
    /// <param name="sync">Whether changes are flushed. False only in tests.</param>
    public static ScriptFolder OfDomain(string directory, string domain, Limits limits, bool sync = true) => new(Path.Combine(directory, domain), directory, limits, sync);

    private string? ReadActive()
    {
        try
        {
            return SafeFileReader.IsDirectory(_directory) && SafeFileReader.ReadLines(ActivePath) is [var line, ..] && StoredScript.IsName(line) ? line : Unknown;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or NotRegularFileException)
        {
            return Unknown;
        }
    }

    private string ActivePath => Path.Combine(_directory, ActiveName);

    /// <summary>The identifier of a text: equal texts have equal versions.</summary>
    public static string VersionOf(ReadOnlySpan<byte> script) => Convert.ToHexStringLower(SHA256.HashData(script))[..VersionLength];

    /// <summary>All scripts, sorted by name. Files that are no scripts, links and special files are left out.</summary>
    public IReadOnlyList<StoredScript> List()
    {
        if (!SafeFileReader.IsDirectory(_directory)) return [];
        var active = Active;
        var found = new List<StoredScript>();
        foreach (var file in SafeFileReader.Files(_directory))
        {
            if (NameOf(file) is not { } name || Read(name) is not { } text) continue;
            found.Add(new StoredScript(name, text.Length, name == active, new DateTimeOffset(File.GetLastWriteTimeUtc(file)), VersionOf(text)));
        }

        return [.. found.OrderBy(static s => s.Name, StringComparer.Ordinal)];
    }

    /// <summary>What is wrong with the files: those that cannot be read, are too large or are no scripts. A sentence for each, with the path.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        if (FileStat.Find(_directory) is not { } stat) return [];
        if (stat.Kind != FileKind.Directory) return [$"{_directory}: is no directory; the account has no scripts"];
        var faults = new List<string>();
        foreach (var file in FilesOr(f => faults.Add($"{f}: cannot be read")))
        {
            var isScript = file.EndsWith(Suffix, StringComparison.Ordinal);
            if (isScript && FaultOf(file) is { } fault) faults.Add($"{file}: {fault}");
        }

        foreach (var special in Specials().Where(static f => f.EndsWith(Suffix, StringComparison.Ordinal))) faults.Add($"{special}: is no regular file; it is ignored");
        var active = Active;
        if (active == Unknown) faults.Add($"{ActivePath}: does not name a script; mail is kept in INBOX until a script is activated, or none");
        else if (active is not null && StampOf(active) is null) faults.Add($"{ActivePath}: names '{active}', which does not exist; mail is kept in INBOX");
        return faults;
    }

    private string? FaultOf(string file)
    {
        if (NameOf(file) is not { } name) return "its name is not one that the server gives to a script; it is ignored";
        if (new FileInfo(file).Length > _limits.ScriptSize) return "is larger than a script may be; it is ignored";
        return Read(name) is null ? "cannot be read" : null;
    }

    private List<string> Specials()
    {
        try
        {
            var specials = new List<string>();
            foreach (var _ in SafeFileReader.Files(_directory, specials.Add)) continue;
            return specials;
        }
        catch (UnauthorizedAccessException)
        {
            // Reported as unreadable.
            return [];
        }
    }

    /// <summary>The text of a script; null if there is none of this name, if it is too large, or if it cannot be read.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            return PathOf(name) is { } path ? SafeFileReader.TryReadSmall(path, _limits.ScriptSize) : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Identifies the file of a script without reading it: it changes when the file does. Null if there is no such script.</summary>
    public (FileStat Stat, DateTime ChangedAt)? StampOf(string name) =>
        PathOf(name) is { } path && FileStat.Find(path) is { Kind: FileKind.Regular } stat ? (stat, File.GetLastWriteTimeUtc(path)) : null;

    /// <summary>Stores a script; one of the same name is replaced.</summary>
    public MailboxRefusal? Put(string name, ReadOnlySpan<byte> script)
    {
        if (PathOf(name) is not { } path) return MailboxRefusal.InvalidScriptName;
        if (ScriptSpace.Check(List(), name, script.Length, _limits) is { } refusal) return refusal;
        if (_parent is not null) Posix.CreatePrivateDirectory(_parent);
        var isNew = !SafeFileReader.IsDirectory(_directory);
        Posix.CreatePrivateDirectory(_directory);
        if (isNew && _sync) Posix.SyncDirectory(Path.GetDirectoryName(_directory)!);
        LongScriptNames.Store(path, name, _sync);
        Replace(path, script);
        return null;
    }

    /// <summary>Renames a script; if it is active, it stays so (RFC 5804 §2.11.1). If the server is killed in between, the script has both names.</summary>
    public MailboxRefusal? Rename(string from, string to)
    {
        if (PathOf(from) is not { } source || FileStat.Find(source) is not { Kind: FileKind.Regular }) return MailboxRefusal.NoSuchScript;
        if (PathOf(to) is not { } target) return MailboxRefusal.InvalidScriptName;
        if (FileStat.Find(target) is not null) return MailboxRefusal.ScriptExists;
        LongScriptNames.Store(target, to, _sync);
        Posix.LinkOrCopy(source, target);
        if (_sync) Posix.SyncDirectory(_directory);
        if (Active == from) StateFile.Replace(ActivePath, [to], _sync);
        Remove(source);
        return null;
    }

    /// <summary>Removes a script. The active one cannot be removed (RFC 5804 §2.10).</summary>
    public MailboxRefusal? Delete(string name)
    {
        if (PathOf(name) is not { } path || FileStat.Find(path) is not { Kind: FileKind.Regular }) return MailboxRefusal.NoSuchScript;
        if (Active == name) return MailboxRefusal.ScriptIsActive;
        Remove(path);
        return null;
    }

    /// <summary>Makes a script the active one; null: none.</summary>
    public MailboxRefusal? Activate(string? name)
    {
        if (name is null)
        {
            if (FileStat.Find(ActivePath) is null) return null;
            Posix.TryUnlink(ActivePath);
            if (_sync) Posix.SyncDirectory(_directory);
            return null;
        }

        if (PathOf(name) is not { } path || FileStat.Find(path) is not { Kind: FileKind.Regular }) return MailboxRefusal.NoSuchScript;
        StateFile.Replace(ActivePath, [name], _sync);
        return null;
    }

    /// <summary>Copies the scripts into another folder of an account, for a backup. Files that are being written are left out.</summary>
    public void CopyTo(string accountDirectory, Action<string> unreadable)
    {
        if (!SafeFileReader.IsDirectory(_directory)) return;
        var target = Path.Combine(accountDirectory, DirectoryName);
        Posix.CreatePrivateDirectory(target);
        foreach (var file in FilesOr(unreadable))
        {
            if (NameOf(file) is null && Path.GetFileName(file) != ActiveName && !LongScriptNames.IsNameFile(file)) continue;
            var copy = Path.Combine(target, Path.GetFileName(file));
            Posix.TryUnlink(copy);
            try
            {
                using var handle = SafeFileReader.Open(file);
                PrivateFile.Copy(handle, copy);
            }
            catch (UnauthorizedAccessException)
            {
                unreadable(file);
            }
        }
    }

    /// <summary>Writes the scripts as files <c>NAME.sieve</c> for other programs.</summary>
    public void ExportTo(string directory)
    {
        Posix.CreatePrivateDirectory(directory);
        foreach (var file in SafeFileReader.Files(_directory).Where(static f => NameOf(f) is not null))
        {
            using var handle = SafeFileReader.Open(file);
            PrivateFile.Copy(handle, Path.Combine(directory, Path.GetFileName(file)));
        }
    }

    private IReadOnlyList<string> FilesOr(Action<string> unreadable)
    {
        try
        {
            return [.. SafeFileReader.Files(_directory)];
        }
        catch (UnauthorizedAccessException)
        {
            unreadable(_directory);
            return [];
        }
    }

    private void Remove(string path)
    {
        Posix.TryUnlink(path);
        LongScriptNames.Remove(path);
        if (_sync) Posix.SyncDirectory(_directory);
    }

    private string? PathOf(string name)
    {
        if (!StoredScript.IsName(name)) return null;
        var file = FolderPathEncoding.Escape(name);
        return Path.Combine(_directory, (LongScriptNames.IsLong(file) ? LongScriptNames.FileOf(name) : file) + Suffix);
    }

    private static string? NameOf(string file)
    {
        var name = Path.GetFileName(file);
        if (!name.EndsWith(Suffix, StringComparison.Ordinal)) return null;
        if (LongScriptNames.IsOne(file)) return LongScriptNames.NameOf(file);
        return FolderPathEncoding.Unescape(name[..^Suffix.Length]) is { } decoded && StoredScript.IsName(decoded) ? decoded : null;
    }

    private void Replace(string path, ReadOnlySpan<byte> script)
    {
        var next = path + ".next";
        using (var handle = PrivateFile.Replace(next))
        {
            RandomAccess.Write(handle, script, 0);
            if (_sync) RandomAccess.FlushToDisk(handle);
        }

        if (FileStat.Find(path) is { Kind: not FileKind.Regular }) FileQuarantine.Move(path, "damaged", TimeProvider.System.GetUtcNow());
        Posix.TryRename(next, path);
        if (_sync) Posix.SyncDirectory(_directory);
    }
}
