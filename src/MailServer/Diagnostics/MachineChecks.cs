using System.Globalization;
using System.Runtime.InteropServices;
using MailServer.Configuration;

namespace MailServer.Diagnostics;

/// <summary>Checks the machine: disk space and clock synchronization.</summary>
internal static class MachineChecks
{
    private const long Gigabyte = 1024L * 1024 * 1024;

    public static IEnumerable<Finding> Run(MailServerOptions options) => [Disk(options.Storage.DataDir), Clock()];

    /// <summary>Checks the free space of the file system that contains a folder, or will contain it.</summary>
    public static Finding Disk(string folder)
    {
        const double FewPercent = 5;
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        try
        {
            var drive = new DriveInfo(existing);
            var percent = 100.0 * drive.AvailableFreeSpace / drive.TotalSize;
            var text = string.Create(CultureInfo.InvariantCulture, $"{(double)drive.AvailableFreeSpace / Gigabyte:0.0} GB ({percent:0} %) free for {folder}");
            if (drive.AvailableFreeSpace < Gigabyte / 4) return Finding.Problem("disk", text + "; mail will soon be rejected");
            return percent < FewPercent || drive.AvailableFreeSpace < Gigabyte ? Finding.Warning("disk", text) : Finding.Ok("disk", text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Warning("disk", $"{folder}: {e.Message}");
        }
    }

    /// <summary>Checks that the kernel clock is synchronized, on which certificates, signatures and one-time codes depend.</summary>
    private static Finding Clock()
    {
        const int NotSynchronized = 5; // TIME_ERROR of adjtimex(2)
        const int LargerThanTimex = 512;
        if (!OperatingSystem.IsLinux()) return Finding.Warning("clock", "cannot be checked on this system");
        var timex = new byte[LargerThanTimex];
        return AdjTimex(timex) switch
        {
            < 0 => Finding.Warning("clock", "the kernel does not report whether it is synchronized"),
            NotSynchronized => Finding.Warning("clock", "is not synchronized; install chrony or enable systemd-timesyncd"),
            _ => Finding.Ok("clock", "is synchronized"),
        };
    }

    // A zeroed struct reads the state and changes nothing.
    [DllImport("libc", EntryPoint = "adjtimex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdjTimex(byte[] timex);
}
