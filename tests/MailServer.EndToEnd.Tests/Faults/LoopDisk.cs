using System.Globalization;
using System.Runtime.InteropServices;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>
/// A file system in a file, with simulated power cuts: writing stops at one instant, and everything that is only in the page cache is lost.
/// Needs root and a loop device.
/// </summary>
public sealed partial class LoopDisk : IAsyncDisposable
{
    private const int OpenDirectory = 0x10000;

    // Not inheritable: a program started by another test would keep the disk busy as long as it runs.
    private const int OpenCloseOnExec = 0x80000;

    // FS_IOC_SHUTDOWN of ext4, XFS and F2FS; 2: neither data nor journal is written any more.
    private const uint Shutdown = 0x8004587D;
    private const uint WithoutFlush = 2;
    private const string SystemPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly string _home = Directory.CreateTempSubdirectory("power-cut-").FullName;
    private string _device = "";
    private bool _isMounted;

    private LoopDisk() => Folder = Path.Combine(_home, "disk");

    /// <summary>The mount point.</summary>
    public string Folder { get; }

    /// <summary>An empty, mounted disk.</summary>
    public static async Task<LoopDisk> CreateAsync(int megabytes)
    {
        var disk = new LoopDisk();
        try
        {
            var image = Path.Combine(disk._home, "image");
            Directory.CreateDirectory(disk.Folder);
            await RunAsync("truncate", "-s", string.Create(CultureInfo.InvariantCulture, $"{megabytes}M"), image);
            await RunAsync("mkfs.ext4", "-q", "-F", image);
            disk._device = (await RunAsync("losetup", "--find", "--show", image)).Output.Trim();
            await disk.MountAsync();
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes everything written so far durable.</summary>
    public Task SyncAsync() => RunAsync("sync", "-f", Folder);

    /// <summary>Cuts the power.</summary>
    public void Cut()
    {
        var descriptor = OpenCall(Folder, OpenDirectory | OpenCloseOnExec);
        Assert.True(descriptor >= 0, $"{Folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        var how = WithoutFlush;
        var code = IoctlCall(descriptor, Shutdown, ref how);
        var error = Marshal.GetLastPInvokeErrorMessage();
        _ = CloseCall(descriptor);
        Assert.True(code == 0, $"the file system cannot be shut down: {error}");
    }

    /// <summary>Mounts the disk again after a power cut. No process may have a file open.</summary>
    public async Task RestoreAsync()
    {
        await UnmountAsync();
        await MountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isMounted) await UnmountAsync();
        }
        catch (TimeoutException)
        {
            // Detached here now, and in the kernel with the last program that uses it.
            await RunAsync("umount", "--lazy", Folder);
        }
        finally
        {
            if (_device.Length > 0) await RunAsync("losetup", "--detach", _device);
            Directory.Delete(_home, recursive: true);
        }
    }

    private async Task MountAsync()
    {
        await RunAsync("mount", _device, Folder);
        _isMounted = true;
    }

    private async Task UnmountAsync()
    {
        // Monitoring tools that scan all processes keep it busy for a moment.
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if ((await ProgramRun.StartAsync("env", [SystemPath, "umount", Folder])).ExitCode == 0)
            {
                _isMounted = false;
                return;
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"{Folder} stays in use");
    }

    private static async Task<ProgramRun> RunAsync(string program, params string[] arguments) =>
        (await ProgramRun.StartAsync("env", [SystemPath, program, .. arguments])).Succeeded();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlCall(int descriptor, uint request, ref uint argument);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCall(int descriptor);
}
