using System.Globalization;
using System.Runtime.InteropServices;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;

namespace MailServer.Diagnostics;

/// <summary>Checks the machine: disk space, memory and clock synchronization.</summary>
internal static class MachineChecks
{
    private const long Gigabyte = 1024L * 1024 * 1024;
    private const string DiskRemedy = "delete files that are not needed, or enlarge the file system";

    public static IEnumerable<CheckResult> Run(MailServerOptions options) => [Disk(options.Storage.DataDir), Clock()];

    /// <summary>Checks the free space of the file system that contains a folder, or will contain it.</summary>
    public static CheckResult Disk(string folder)
    {
        const double FewPercent = 5;
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        try
        {
            var drive = new DriveInfo(existing);
            var percent = 100.0 * drive.AvailableFreeSpace / drive.TotalSize;
            var text = string.Create(CultureInfo.InvariantCulture, $"{ByteSize.Of(drive.AvailableFreeSpace)} ({percent:0} %) free for {folder}");
            if (drive.AvailableFreeSpace < Gigabyte / 4) return CheckResult.Problem("disk", text + "; mail will soon be rejected", DiskRemedy);
            return percent < FewPercent || drive.AvailableFreeSpace < Gigabyte ? CheckResult.Warning("disk", text, DiskRemedy) : CheckResult.Ok("disk", text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return CheckResult.Warning("disk", $"{folder}: {e.Message}");
        }
    }

    /// <summary>Checks how much of the memory that this process may use is occupied, by all programs together.</summary>
    public static CheckResult Memory()
    {
        const double MuchPercent = 95;
        var memory = GC.GetGCMemoryInfo();
        var (used, total) = (memory.MemoryLoadBytes, memory.TotalAvailableMemoryBytes);
        var own = ByteSize.Of(Environment.WorkingSet);
        // Both are measured at the first collection of garbage.
        if (used == 0 || total == 0) return CheckResult.Ok("memory", $"the server uses {own}");
        var percent = 100.0 * used / total;
        var text = string.Create(CultureInfo.InvariantCulture, $"{percent:0} % of {ByteSize.Of(total)} in use, {own} by the server");
        return percent > MuchPercent ? CheckResult.Warning("memory", text, "stop other programs, or give the machine or container more memory") : CheckResult.Ok("memory", text);
    }

    /// <summary>Checks that the kernel clock is synchronized, on which certificates, signatures and one-time codes depend.</summary>
    public static CheckResult Clock()
    {
        const int NotSynchronized = 5; // TIME_ERROR of adjtimex(2)
        const int LargerThanTimex = 512;
        if (!OperatingSystem.IsLinux()) return CheckResult.Warning("clock", "cannot be checked on this system");
        var timex = new byte[LargerThanTimex];
        return AdjTimex(timex) switch
        {
            < 0 => CheckResult.Warning("clock", "the kernel does not report whether it is synchronized"),
            NotSynchronized => CheckResult.Warning("clock", "is not synchronized", "install chrony or enable systemd-timesyncd"),
            _ => CheckResult.Ok("clock", "is synchronized"),
        };
    }

    // A zeroed struct reads the state and changes nothing.
    [DllImport("libc", EntryPoint = "adjtimex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdjTimex(byte[] timex);
}
