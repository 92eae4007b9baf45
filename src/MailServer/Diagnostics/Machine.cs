using System.Globalization;
using System.Runtime.InteropServices;
using MailServer.Configuration;

namespace MailServer.Diagnostics;

/// <summary>What the machine must give: room on the disk, a right clock, open files.</summary>
internal static class Machine
{
    private const long Gigabyte = 1024L * 1024 * 1024;

    public static IEnumerable<Finding> Look(MailServerOptions options) => [Disk(options.Storage.DataDir), Clock()];

    /// <summary>Of the file system that holds a folder, or will.</summary>
    public static Finding Disk(string folder)
    {
        const double FewPercent = 5;
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        try
        {
            var drive = new DriveInfo(existing);
            var percent = 100.0 * drive.AvailableFreeSpace / drive.TotalSize;
            var text = string.Create(CultureInfo.InvariantCulture, $"{(double)drive.AvailableFreeSpace / Gigabyte:0.0} GB free ({percent:0} %) for {folder}");
            if (drive.AvailableFreeSpace < Gigabyte / 4) return Finding.Problem("disk", text + "; mail will soon be refused");
            return percent < FewPercent || drive.AvailableFreeSpace < Gigabyte ? Finding.Warning("disk", text) : Finding.Ok("disk", text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Warning("disk", $"{folder}: {e.Message}");
        }
    }

    /// <summary>Whether the kernel's clock is held to the right time; certificates, signatures and one-time passwords need that.</summary>
    private static Finding Clock()
    {
        const int NotSynchronized = 5; // TIME_ERROR of adjtimex(2)
        const int LargerThanTimex = 512;
        if (!OperatingSystem.IsLinux()) return Finding.Warning("clock", "cannot be judged on this system");
        var timex = new byte[LargerThanTimex];
        return AdjTimex(timex) switch
        {
            < 0 => Finding.Warning("clock", "the kernel does not tell whether it is synchronized"),
            NotSynchronized => Finding.Warning("clock", "is not synchronized; install chrony or enable systemd-timesyncd"),
            _ => Finding.Ok("clock", "is synchronized"),
        };
    }

    // All zeros asks and changes nothing.
    [DllImport("libc", EntryPoint = "adjtimex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdjTimex(byte[] timex);
}
