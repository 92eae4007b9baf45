using System.Net;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>What <c>check --repair</c> recovers, and how a backup treats a database that cannot be read.</summary>
public sealed class DatabaseRepairTests
{
    [ClientTheory("mount", "chattr")]
    [InlineData(DatabaseDamage.Head, true)]
    [InlineData(DatabaseDamage.Empty, false)]
    [InlineData(DatabaseDamage.Gone, true)]
    public async Task A_lost_calendar_store_is_reported_listed_as_missing_in_the_backup_and_restored_from_the_snapshot(DatabaseDamage damage, bool running)
    {
        await using var world = await DamageTestBed.MakeAsync();
        await world.DamageAsync(world.PathOf("dav.db", isOfAccount: true), damage);
        await world.Server.StartAsync();
        Assert.Equal("503", await world.ReadCalendarAsync(world.First));
        Assert.Equal("ok", await world.ReadCalendarAsync(world.Second));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await world.PutAsync(world.First, 99));
        Assert.Contains("dav.db of user_1", (await world.Server.CliAsync("status")).Succeeded().Output, StringComparison.Ordinal);

        var backups = Path.Combine(world.Server.Folder, "backups");
        var backup = await world.Server.CliAsync("backup", backups);
        Assert.Equal(1, backup.ExitCode);
        Assert.Contains("not in the backup: the calendars and contacts of user_1", backup.Error, StringComparison.Ordinal);
        (await world.Server.CliAsync("backup", "verify", backups)).Succeeded();
        Assert.True(File.Exists(Path.Combine(Directory.GetDirectories(backups).Single(), "maildir", "user_2", "dav.db")));

        if (!running) Assert.Equal(0, await world.Server.StopAsync());
        var check = await world.Server.CliAsync("check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("dav.db", check.Output, StringComparison.Ordinal);
        Assert.Contains("snapshot", (await world.Server.CliAsync("check", "--repair")).Succeeded().Output, StringComparison.Ordinal);
        if (!running) await world.Server.StartAsync();
        Assert.Equal("ok", await world.ReadCalendarAsync(world.First));
        (await world.Server.CliAsync("check")).Succeeded();
        (await world.Server.CliAsync("backup", backups)).Succeeded();
    }

    [ClientFact("mount", "chattr")]
    public async Task Every_readable_entry_of_a_damaged_calendar_store_is_recovered()
    {
        await using var world = await DamageTestBed.MakeAsync();
        var path = world.PathOf("dav.db", isOfAccount: true);
        File.Delete(path + ".snapshot");
        var text = await File.ReadAllBytesAsync(path);
        // Damages one page of the table of bodies.
        var at = text.AsSpan().IndexOf("UID:event20"u8) / 4096 * 4096;
        Assert.True(at > 4096, "no page of bodies found");
        await using (var file = File.Open(path, FileMode.Open))
        {
            file.Position = at;
            file.Write([.. Enumerable.Repeat((byte)0xA5, 4096)]);
        }

        await world.Server.StartAsync();
        Assert.Equal("ok", await world.ReadCalendarAsync(world.First));
        var report = await world.QueryCalendarAsync(world.First);
        Assert.InRange(report.Good, DamageTestBed.Events - 8, DamageTestBed.Events - 1);
        Assert.Equal(DamageTestBed.Events, report.Good + report.Bad);

        var repair = (await world.Server.CliAsync("check", "--repair")).Succeeded();
        Assert.Contains("was salvaged", repair.Output, StringComparison.Ordinal);
        Assert.Contains("lost: calendar/event20.ics", repair.Output, StringComparison.Ordinal);
        Assert.Equal((report.Good, 0), await world.QueryCalendarAsync(world.First));
        (await world.Server.CliAsync("check")).Succeeded();
        Assert.Equal(HttpStatusCode.Created, await world.PutAsync(world.First, 20));
    }

    [ClientTheory("mount", "chattr")]
    [InlineData(DatabaseDamage.Head)]
    [InlineData(DatabaseDamage.Empty)]
    [InlineData(DatabaseDamage.Gone)]
    public async Task A_lost_directory_stops_the_service_visibly_and_its_snapshot_is_restored_without_a_restart(DatabaseDamage damage)
    {
        await using var world = await DamageTestBed.MakeAsync();
        await world.DamageAsync(world.PathOf("mail.db", isOfAccount: false), damage);
        await world.Server.StartAsync();
        Assert.NotEqual("ok", await world.ReadMailAsync(world.First));
        await using (var wire = await WireClient.ConnectAsync(world.Server.Ports.Smtp))
        {
            await wire.SmtpReplyAsync();
            await wire.SmtpAsync("EHLO sender.example");
            Assert.StartsWith("451", await wire.TransactionAsync("someone@sender.example", [world.First], "x"), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await world.MonitorAsync("ready")).Code);
        Assert.Contains("mail.db", (await world.Server.CliAsync("status")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("snapshot", (await world.Server.CliAsync("check", "--repair")).Output, StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(async () => (await world.MonitorAsync("ready")).Code == HttpStatusCode.OK, "ready again");
        Assert.Equal("ok", await world.ReadMailAsync(world.First));
        Assert.Equal("ok", await world.DeliverAsync(world.First));
    }
}
