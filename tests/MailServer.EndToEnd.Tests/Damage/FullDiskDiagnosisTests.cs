using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>A full disk is called a full disk: nothing advises to replace intact databases, and nothing does.</summary>
public sealed class FullDiskDiagnosisTests
{
    [ClientFact("mount", "chattr")]
    public async Task On_a_full_disk_no_database_is_called_damaged_or_replaced()
    {
        await using var world = await DamageTestBed.MakeAsync();
        await world.Server.StartAsync();
        await world.FillDiskAsync();
        await AssertNoDamageAsync(world, isRunning: true);

        // A start on the full disk opens every database.
        await world.Server.KillAsync();
        await world.FillDiskAsync();
        await AssertNoDamageAsync(world, isRunning: false);
        await world.Server.StartAsync();
        await world.ReadMailAsync(world.First);
        await world.PutAsync(world.First, DamageTestBed.Events + 1);
        await AssertNoDamageAsync(world, isRunning: true);

        File.Delete(Path.Combine(world.Data, "filler"));
        File.Delete(Path.Combine(world.Data, "filler2"));
        await world.Server.KillAsync();
        await world.Server.StartAsync();
        Assert.Equal("ok", await world.ReadMailAsync(world.First));
        (await world.Server.CliAsync("check")).Succeeded();
        Assert.DoesNotContain(Directory.EnumerateFiles(world.Data, "*", SearchOption.AllDirectories), static f => f.Contains(".damaged-", StringComparison.Ordinal));
    }

    private static async Task AssertNoDamageAsync(DamageTestBed world, bool isRunning)
    {
        string[][] commands = isRunning ? [["status"], ["doctor", "--rerun"], ["check"], ["check", "--repair"]] : [["check"], ["check", "--repair"]];
        foreach (var command in commands)
        {
            var run = await world.Server.CliAsync(command);
            foreach (var wrong in new[] { "restore the snapshot", "restored from the snapshot", "the last snapshot", "aside", "is damaged", "was damaged", "salvage", "from a backup" })
                Assert.False(run.Everything.Contains(wrong, StringComparison.OrdinalIgnoreCase), $"{string.Join(' ', command)} says '{wrong}':\n{run.Everything}");
            Assert.DoesNotContain("   at ", run.Everything, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Directory.EnumerateFiles(world.Data, "*", SearchOption.AllDirectories), static f => f.Contains(".damaged-", StringComparison.Ordinal));
    }
}
