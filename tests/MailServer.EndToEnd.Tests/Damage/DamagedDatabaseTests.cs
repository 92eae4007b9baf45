using System.Net;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>
/// Every database of the registry × every harm × (found at start, met while serving): everything else goes on, what is wrong is named, and what can be
/// rebuilt is rebuilt without a restart.
/// </summary>
public sealed class DamagedDatabaseTests
{
    private const string Directory = "mail.db";
    private const string Journal = "journal.db";
    private static readonly Harm[] s_all = Enum.GetValues<Harm>();

    /// <summary>The journal is played by the tests of the queue.</summary>
    public static TheoryData<string> Databases => [.. StoreRegistry.All.Where(static f => f.Name != Journal).Select(static f => f.Name)];

    [ClientFact("mount", "chattr")]
    public async Task Every_database_that_the_server_makes_is_in_the_registry()
    {
        await using var world = await DamageWorld.MakeAsync();
        var made = System.IO.Directory.EnumerateFiles(world.Data, "*.db", SearchOption.AllDirectories).Select(static f => Path.GetFileName(f)).Distinct(StringComparer.Ordinal);
        Assert.Equal(StoreRegistry.All.Select(static f => f.Name).Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
    }

    [ClientTheory("mount", "chattr")]
    [MemberData(nameof(Databases))]
    public async Task A_harmed_database_stops_nothing_but_itself(string name)
    {
        var file = StoreRegistry.All.Single(f => f.Name == name);
        await using var world = await DamageWorld.MakeAsync();
        var faults = new List<string>();
        foreach (var harm in s_all)
        {
            foreach (var serving in new[] { false, true })
            {
                var cell = $"{name}, {harm}, {(serving ? "while serving" : "at start")}";
                try
                {
                    faults.AddRange((await PlayAsync(world, file, harm, serving)).Select(fault => $"{cell}: {fault}"));
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    faults.Add($"{cell}: {e.Message.Split('\n')[0]}");
                }

                await world.Server.KillAsync();
                await world.PutBackAsync();
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(DamageWorld world, RegisteredStore file, Harm harm, bool serving)
    {
        var path = world.PathOf(file.Name, file.IsOfAccount);
        if (!serving) await world.HarmAsync(path, harm);
        await world.Server.StartAsync();
        if (serving)
        {
            await UseAsync(world);
            await world.HarmAsync(path, harm);
        }

        if (harm == Harm.FullDisk) await Eventually.BecomesTrueAsync(async () => (await world.MonitorAsync("ready")).Code == HttpStatusCode.ServiceUnavailable, "/ready says so", TimeSpan.FromSeconds(30));
        // Twice: what the first request meets is mended for the second.
        await UseAsync(world);
        var seen = await UseAsync(world);
        var faults = new List<string>();
        void Expect(string what, string found, params string[] allowed)
        {
            if (!allowed.Contains(found, StringComparer.Ordinal)) faults.Add($"{what}: {found}");
        }

        var isDirectory = file.Name == Directory && harm is not (Harm.ReadOnly or Harm.FullDisk);
        if (!isDirectory)
        {
            Expect("mail of the other", seen.SecondMail, "ok");
            Expect("calendar of the other", seen.SecondCalendar, "ok");
            if (harm != Harm.FullDisk) Expect("delivery to the other", seen.Delivery, "ok");
            if (file.Name != "index.db" || harm != Harm.ReadOnly) Expect("own mail", seen.FirstMail, "ok");
            if (file.Name != "dav.db") Expect("own calendar", seen.FirstCalendar, "ok");
            // Never silently new calendars.
            else if (seen.FirstCalendar is not ("ok" or "503")) faults.Add($"own calendar: {seen.FirstCalendar}");
        }

        faults.AddRange(await ReportsAsync(world, file, harm, serving));
        return faults;
    }

    private static async Task<Seen> UseAsync(DamageWorld world) => new(
        await world.ReadMailAsync(world.First), await world.ReadMailAsync(world.Second), await world.DeliverAsync(world.Second),
        await world.ReadCalendarAsync(world.First), await world.ReadCalendarAsync(world.Second));

    /// <summary>What stands in the way is named: at the start at once; while serving as soon as it can be met, and the next start finds the rest.</summary>
    private static async Task<IReadOnlyList<string>> ReportsAsync(DamageWorld world, RegisteredStore file, Harm harm, bool serving)
    {
        var isLoud = !serving && harm is not (Harm.Gone or Harm.ReadOnly);
        var named = harm == Harm.FullDisk ? "disk" : file.Name;
        // A database that is only emptied or rebuilt may be missing: that is how a new one begins.
        if (harm == Harm.Gone && file.IsRepaired) isLoud = !serving;
        if (harm == Harm.ReadOnly && file.IsRepaired) isLoud = !serving;
        if (harm == Harm.FullDisk) isLoud = true;
        if (!isLoud) return [];
        var faults = new List<string>();
        var status = await Eventually.FindAsync(async () => (await world.Server.CliAsync("status")).Output, output => output.Contains(named, StringComparison.Ordinal));
        if (status is null) faults.Add("status does not name it");
        var doctor = await world.Server.CliAsync("doctor");
        if (doctor.ExitCode != 1 || !doctor.Output.Contains(named, StringComparison.Ordinal)) faults.Add("doctor does not name it");
        var (code, body) = await world.MonitorAsync("ready");
        var stops = harm == Harm.FullDisk || (file.Name == Directory && harm != Harm.ReadOnly);
        if (code == HttpStatusCode.OK == stops || !body.Contains(named, StringComparison.Ordinal)) faults.Add($"/ready: {(int)code} {body.Trim()}");
        var (health, text) = await world.MonitorAsync("health");
        if (health != HttpStatusCode.OK || !text.Contains(named, StringComparison.Ordinal)) faults.Add($"/health: {(int)health} {text.Trim()}");
        var (_, metrics) = await world.MonitorAsync("metrics");
        if (!metrics.Contains("mailserver_problems{stops_service=\"" + (stops ? "yes" : "no") + "\"} ", StringComparison.Ordinal)) faults.Add("no metric");
        if (!(await File.ReadAllTextAsync(Path.Combine(world.Server.Folder, "server.log"))).Contains(named, StringComparison.Ordinal)) faults.Add("the log does not name it");
        return faults;
    }

    private sealed record Seen(string FirstMail, string SecondMail, string Delivery, string FirstCalendar, string SecondCalendar);
}
