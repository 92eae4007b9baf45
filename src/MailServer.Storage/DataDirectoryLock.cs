using System.Globalization;
using System.Text;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage;

/// <summary>
/// The lock of a data directory, held by the running server and by every command that writes to the data without the
/// server. The directory itself is locked, and a file in it that names the holder; the latter alone on file systems that cannot lock
/// directories, and for versions that know only the file. The kernel releases both when the process ends for any reason; the file remains.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    public const string FileName = "lock";

    private const int LongestHolder = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // A process that has just taken the lock may not have written its name yet, so the file may be empty or name the previous holder. Only several reads in a row
    // prove that the holder is a server.
    private const int LooksThatProveServer = 4;

    private readonly SafeFileHandle? _directory;
    private readonly SafeFileHandle? _file;

    private DataDirectoryLock(SafeFileHandle? directory, SafeFileHandle? file) => (_directory, _file) = (directory, file);

    /// <summary>Takes the lock of a directory; creates the directory with private permissions if it is missing.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="command">The name of a short-running command; empty for a server.</param>
    /// <exception cref="StoreInUseException">Another process holds the lock; the message names the process.</exception>
    public static DataDirectoryLock Take(string directory, string command = "")
    {
        Posix.CreatePrivateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        var whole = Posix.TryLockDirectory(directory, out var isFree);
        try
        {
            if (!isFree) throw InUse(directory, path);
            return new DataDirectoryLock(whole, TakeFile(directory, path, command, isNeeded: whole is null));
        }
        catch
        {
            Posix.Unlock(whole);
            throw;
        }
    }

    /// <summary>Takes the lock; waits while a command holds it, but fails at once if a server holds it.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="command">The name of a short-running command; empty for a server.</param>
    /// <param name="patience">The maximum time to wait.</param>
    /// <param name="waiting">Called once with the reason for waiting.</param>
    /// <param name="time">Time source.</param>
    /// <param name="cancel">Cancels waiting.</param>
    /// <exception cref="StoreInUseException">Another process still holds the lock.</exception>
    public static async Task<DataDirectoryLock> TakeAsync(string directory, string command, TimeSpan patience, Action<string> waiting, TimeProvider time, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        ArgumentNullException.ThrowIfNull(time);
        var since = time.GetTimestamp();
        var (looks, isTold) = (0, false);
        while (true)
        {
            try
            {
                return Take(directory, command);
            }
            catch (StoreInUseException e) when ((e.IsHeldByCommand || looks + 1 < LooksThatProveServer) && time.GetElapsedTime(since) < patience)
            {
                looks = e.IsHeldByCommand ? 0 : looks + 1;
                if (e.IsHeldByCommand && !isTold) waiting($"waiting: {e.Message}");
                isTold |= e.IsHeldByCommand;
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    public void Dispose()
    {
        Posix.Unlock(_file);
        Posix.Unlock(_directory);
    }

    /// <summary>Locks the file and writes the holder into it.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="path">The file.</param>
    /// <param name="command">The holder.</param>
    /// <param name="isNeeded">False if the directory is locked already: then anything else in the place of the file is no obstacle.</param>
    private static SafeFileHandle? TakeFile(string directory, string path, string command, bool isNeeded)
    {
        if (FileStat.Find(path) is { Kind: not FileKind.Regular })
        {
            if (isNeeded) throw new NotRegularFileException(path);
            return null;
        }

        var file = Posix.OpenLocked(path, out var isLocked);
        if (!isLocked)
        {
            file.Dispose();
            throw InUse(directory, path);
        }

        Posix.GiveToOwnerOf(path, directory);
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {command}").TrimEnd() + "\n"), 0);
        }
        catch (IOException)
        {
            // On a full disk the lock is still effective; only the name of the holder is missing.
        }

        return file;
    }

    private static StoreInUseException InUse(string directory, string path)
    {
        var (holder, isCommand) = Holder(path);
        return new StoreInUseException($"{directory} is in use by {holder}; stop it first, or wait until it has ended") { IsHeldByCommand = isCommand };
    }

    /// <summary>Reads the holder of the lock, and whether it is a command.</summary>
    private static (string Holder, bool IsCommand) Holder(string path)
    {
        byte[] text;
        try
        {
            text = SafeFileReader.TryReadSmall(path, LongestHolder) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            text = [];
        }

        var words = Encoding.ASCII.GetString(text).Trim().Split(' ', 2);
        if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process)) return ("another process", false);
        return words.Length == 1
            ? (string.Create(CultureInfo.InvariantCulture, $"process {process}"), false)
            : (string.Create(CultureInfo.InvariantCulture, $"process {process} (mailserver {words[1]})"), true);
    }
}
