using MailServer.Storage.Sqlite;
using MailServer.Storage.Tests.SafeFiles;

namespace MailServer.Storage.Tests;

/// <summary>The lock of a data directory holds whatever becomes of the file that names its holder.</summary>
public sealed class DataDirectoryLockTests : IDisposable
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("lock-").FullName;

    /// <summary>What may lie in the place of the file before the start.</summary>
    public static TheoryData<IrregularFile> Irregular => [.. IrregularFiles.All.Where(static odd => !IrregularFiles.IsMessage(odd))];

    private string Data => Path.Combine(_folder, "data");

    private string LockFile => Path.Combine(Data, DataDirectoryLock.FileName);

    /// <summary>A child process has copies of all descriptors until its program starts.</summary>
    [Fact]
    public async Task A_released_lock_is_free_while_other_processes_start()
    {
        var starting = Task.WhenAll(Enumerable.Range(0, 4).Select(static _ => Task.Run(static () =>
        {
            for (var i = 0; i < 50; i++) System.Diagnostics.Process.Start("/bin/true").WaitForExit();
        })));
        while (!starting.IsCompleted) DataDirectoryLock.Take(Data, "backup").Dispose();
        await starting;
    }

    [Fact]
    public void A_second_process_is_refused_and_told_who_holds_the_lock()
    {
        using (DataDirectoryLock.Take(Data, "backup")) AssertInUse($"process {Environment.ProcessId} (mailserver backup)");
        DataDirectoryLock.Take(Data).Dispose();
    }

    [Fact]
    public void The_lock_holds_when_its_file_was_removed_replaced_emptied_or_filled()
    {
        using (DataDirectoryLock.Take(Data))
        {
            File.Delete(LockFile);
            AssertInUse("another process");
            File.WriteAllText(LockFile, "");
            AssertInUse("another process");
            File.WriteAllText(LockFile, new string('x', 100_000));
            AssertInUse("another process");
            File.Delete(LockFile);
            System.IO.Directory.CreateDirectory(LockFile);
            AssertInUse("another process");
        }

        DataDirectoryLock.Take(Data).Dispose();
    }

    [Theory]
    [MemberData(nameof(Irregular))]
    public void Anything_else_in_the_place_of_the_file_is_no_obstacle_and_is_left_alone(IrregularFile odd)
    {
        System.IO.Directory.CreateDirectory(Data);
        IrregularFiles.Put(odd, Data, DataDirectoryLock.FileName, Path.Combine(_folder, "outside"));
        using (DataDirectoryLock.Take(Data)) AssertInUse("another process");
        Assert.True(IrregularFiles.Leaked(Path.Combine(_folder, "outside")), "the file behind the link was changed");
    }

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    private void AssertInUse(string holder)
    {
        var refusal = Assert.Throws<StoreInUseException>(() => DataDirectoryLock.Take(Data));
        Assert.Contains($"is in use by {holder};", refusal.Message, StringComparison.Ordinal);
    }
}
