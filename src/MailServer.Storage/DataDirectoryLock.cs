using System.Globalization;
using System.Text;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage;

/// <summary>
/// The lock of a data directory, held by the running server and by every command that writes to the data without the
/// server. The kernel releases it when the process ends for any reason; the lock file remains and names the last holder.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    public const string FileName = "lock";

    private const int LongestHolder = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // A process that has just taken the lock may not have written its name yet, so the file may be empty or name the previous holder. Only several reads in a row
    // prove that the holder is a server.
    private const int LooksThatProveServer = 4;

    private readonly SafeFileHandle _file;

    private DataDirectoryLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock of a directory; creates the directory with private permissions if it is missing.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="command">The name of a short-running command; empty for a server.</param>
    /// <exception cref="StoreInUseException">Another process holds the lock; the message names the process.</exception>
    public static DataDirectoryLock Take(string directory, string command = "")
    {
        Posix.CreatePrivateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        var file = Posix.OpenLocked(path, out var isLocked);
        if (!isLocked)
        {
            using (file)
            {
                var (holder, isCommand) = Holder(file);
                throw new StoreInUseException($"{directory} is in use by {holder}; stop it first, or wait until it has ended") { IsHeldByCommand = isCommand };
            }
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

        return new DataDirectoryLock(file);
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

    public void Dispose() => _file.Dispose();

    /// <summary>Reads the holder of the lock, and whether it is a command.</summary>
    private static (string Holder, bool IsCommand) Holder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[LongestHolder];
        var read = RandomAccess.Read(file, text, 0);
        var words = Encoding.ASCII.GetString(text[..read]).Trim().Split(' ', 2);
        if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process)) return ("another process", false);
        return words.Length == 1
            ? (string.Create(CultureInfo.InvariantCulture, $"process {process}"), false)
            : (string.Create(CultureInfo.InvariantCulture, $"process {process} (mailserver {words[1]})"), true);
    }
}
