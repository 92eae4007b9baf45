using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Network.Certificates;

/// <summary>Opens a file named in the configuration. Follows links; refuses a FIFO without waiting for a writer.</summary>
internal static partial class NamedFile
{
    private const int WithoutWaiting = 0x800;
    private const int CloseOnExec = 0x80000;

    /// <exception cref="IOException">The file cannot be opened or is not a regular file.</exception>
    public static FileStream OpenRead(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.OpenRead(path);
        var descriptor = OpenCall(path, WithoutWaiting | CloseOnExec);
        if (descriptor < 0) throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read);
        if (stream.CanSeek) return stream;
        stream.Dispose();
        throw new IOException($"{path} is not a regular file");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenCall(string path, int flags);
}
