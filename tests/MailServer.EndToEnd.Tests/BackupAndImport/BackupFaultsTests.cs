using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary>Runs one round of <c>tests/backup-faults.sh</c>; more rounds give stronger evidence.</summary>
public sealed class BackupFaultsTests
{
    [Fact]
    public async Task Killed_backups_killed_restores_and_a_full_disk_lose_nothing()
    {
        var run = await ProgramRun.StartAsync(
            "bash", [Path.Combine(ProjectPaths.Root, "tests", "backup-faults.sh"), "1", "30"],
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["MAILSERVER"] = ProjectPaths.Executable }, timeout: TimeSpan.FromMinutes(5));
        Assert.Contains("every backup whole", run.Succeeded().Output, StringComparison.Ordinal);
    }
}
