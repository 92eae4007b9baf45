using System.Runtime.InteropServices;
using System.Text;

namespace MailServer.Network.Certificates;

/// <summary>Replaces small files atomically: after a crash or power failure the file has either the old or the new content.</summary>
internal static partial class DurableFile
{
    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Writes a temporary file, flushes it, renames it, and flushes the directory.</summary>
    public static void Replace(string file, string content, UnixFileMode mode)
    {
        var fresh = file + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(content + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
    }

    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenCall(folder, OpenDirectory | OpenCloseOnExec);
        if (descriptor < 0) throw new IOException($"cannot open {folder}: error {Marshal.GetLastPInvokeError()}");
        try
        {
            if (SyncCall(descriptor) != 0) throw new IOException($"cannot flush {folder}: error {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = CloseCall(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseCall(int descriptor);
}
