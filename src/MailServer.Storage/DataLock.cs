using System.Globalization;
using System.Text;
using MailServer.Storage.Maildir;
using MailServer.Storage.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage;

/// <summary>
/// The lock on a data directory: held by the server while it runs, and by every command that writes to the data without the server. The kernel
/// releases it when the process ends, however it ends; the file stays and names the last holder.
/// </summary>
public sealed class DataLock : IDisposable
{
    public const string FileName = "lock";

    private readonly SafeFileHandle _file;

    private DataLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock of a directory, which is made for its owner alone when it is missing.</summary>
    /// <exception cref="StoreInUseException">Another process has it; the message names the process.</exception>
    public static DataLock Take(string directory)
    {
        Posix.CreatePrivateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        var file = Posix.OpenLocked(path, out var isLocked);
        if (!isLocked)
        {
            using (file) throw new StoreInUseException($"{directory} is in use by {Holder(file)}; stop it first, or wait until it has ended");
        }

        Posix.GiveToOwnerOf(path, directory);
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
        }
        catch (IOException)
        {
            // On a full disk the lock holds all the same; it only does not tell who has it.
        }

        return new DataLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[20];
        var read = RandomAccess.Read(file, text, 0);
        return int.TryParse(Encoding.ASCII.GetString(text[..read]).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            ? string.Create(CultureInfo.InvariantCulture, $"process {process}")
            : "another process";
    }
}
