using System.Net;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>
/// Every database of the registry × every damage × (found at start, met while serving): everything else keeps working, the damage is reported, and what can be
/// rebuilt is rebuilt without a restart. Here all databases except the directory are damaged at once, and the directory by itself;
/// <c>tests/damage.sh</c> damages each one separately.
/// </summary>
public sealed class DamagedDatabaseTests(DamageFixture fixture) : IClassFixture<DamageFixture>
{
    private const string Directory = "mail.db";
    private const string Journal = "journal.db";
    private const string Together = " + ";

    private static bool IsEach => Environment.GetEnvironmentVariable("MAILSERVER_DAMAGE_EACH") == "1";

    /// <summary>The tests of the queue cover the journal.</summary>
    private static RegisteredStore[] Databases => [.. StoreRegistry.All.Where(static f => f.Name != Journal)];

    public static TheoryData<string, DatabaseDamage> Rows()
    {
        var others = Databases.Select(static f => f.Name).Where(static n => n != Directory).ToArray();
        string[] groups = IsEach ? [Directory, .. others] : [Directory, string.Join(Together, others)];
        var rows = new TheoryData<string, DatabaseDamage>();
        foreach (var group in groups)
        {
            // All databases are on one disk.
            foreach (var damage in Enum.GetValues<DatabaseDamage>().Where(h => h != DatabaseDamage.FullDisk || group == groups[^1])) rows.Add(group, damage);
        }

        return rows;
    }

    [ClientFact("mount", "chattr")]
    public async Task Every_database_that_the_server_creates_is_in_the_registry()
    {
        var world = await fixture.ResetAsync();
        var made = System.IO.Directory.EnumerateFiles(world.Data, "*.db", SearchOption.AllDirectories).Select(static f => Path.GetFileName(f)).Distinct(StringComparer.Ordinal);
        Assert.Equal(StoreRegistry.All.Select(static f => f.Name).Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
    }

    [ClientTheory("mount", "chattr")]
    [MemberData(nameof(Rows))]
    public async Task A_damaged_database_affects_only_its_own_feature(string databases, DatabaseDamage damage)
    {
        var files = databases.Split(Together).Select(name => Databases.Single(f => f.Name == name)).ToArray();
        var faults = new List<string>();
        foreach (var serving in new[] { false, true })
        {
            var world = await fixture.ResetAsync();
            var cell = $"{damage}, {(serving ? "while serving" : "at start")}";
            try
            {
                faults.AddRange((await PlayAsync(world, files, damage, serving)).Select(fault => $"{cell}: {fault}"));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                faults.Add($"{cell}: {e.Message.Split('\n')[0]}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(DamageTestBed world, RegisteredStore[] files, DatabaseDamage damage, bool serving)
    {
        if (serving)
        {
            await world.Server.StartAsync();
            await UseAsync(world);
        }

        await DamageAsync(world, files, damage);
        if (!serving) await world.Server.StartAsync();
        if (damage == DatabaseDamage.FullDisk) await Eventually.BecomesTrueAsync(async () => (await world.MonitorAsync("ready")).Code == HttpStatusCode.ServiceUnavailable, "/ready says so", TimeSpan.FromSeconds(30));
        // Twice: damage found by the first request is repaired for the second.
        await UseAsync(world);
        return [.. Serves(await UseAsync(world), files, damage), .. await ReportsAsync(world, files, damage, serving)];
    }

    private static async Task DamageAsync(DamageTestBed world, RegisteredStore[] files, DatabaseDamage damage)
    {
        foreach (var file in damage == DatabaseDamage.FullDisk ? files.Take(1) : files) await world.DamageAsync(world.PathOf(file.Name, file.IsOfAccount), damage);
    }

    private static List<string> Serves(ServedData seen, RegisteredStore[] files, DatabaseDamage damage)
    {
        var faults = new List<string>();
        void Expect(string what, string found)
        {
            if (found != "ok") faults.Add($"{what}: {found}");
        }

        bool Has(string name) => Array.Exists(files, f => f.Name == name);
        if (Has(Directory) && damage is not (DatabaseDamage.ReadOnly or DatabaseDamage.FullDisk)) return faults;
        Expect("mail of the other", seen.SecondMail);
        Expect("calendar of the other", seen.SecondCalendar);
        if (damage != DatabaseDamage.FullDisk) Expect("delivery to the other", seen.Delivery);
        if (!Has("index.db") || damage != DatabaseDamage.ReadOnly) Expect("own mail", seen.FirstMail);
        if (!Has("dav.db")) Expect("own calendar", seen.FirstCalendar);
        // New, empty calendars must never appear silently.
        else if (seen.FirstCalendar is not ("ok" or "503")) faults.Add($"own calendar: {seen.FirstCalendar}");
        return faults;
    }

    private static async Task<ServedData> UseAsync(DamageTestBed world) => new(
        await world.ReadMailAsync(world.First), await world.ReadMailAsync(world.Second), await world.DeliverAsync(world.Second),
        await world.ReadCalendarAsync(world.First), await world.ReadCalendarAsync(world.Second));

    /// <summary>The damage is reported: at once if found at start; otherwise on first use, and the next start finds the rest.</summary>
    private static async Task<IReadOnlyList<string>> ReportsAsync(DamageTestBed world, RegisteredStore[] files, DatabaseDamage damage, bool serving)
    {
        string[] names = damage == DatabaseDamage.FullDisk ? ["disk"] : serving ? [] : [.. files.Where(f => f.IsRepaired || damage is not (DatabaseDamage.Gone or DatabaseDamage.ReadOnly)).Select(static f => f.Name)];
        if (names.Length == 0) return [];
        var status = await Eventually.FindAsync(async () => (await world.Server.CliAsync("status")).Output, output => names.All(n => output.Contains(n, StringComparison.Ordinal)));
        if (status is null) return [$"status does not name {string.Join(" and ", names)}"];
        var faults = new List<string>();
        void Named(string where, string text) =>
            faults.AddRange(names.Where(n => !text.Contains(n, StringComparison.Ordinal)).Select(n => $"{where} does not name {n}: {text.Trim()}"));
        var stops = damage == DatabaseDamage.FullDisk || (Array.Exists(files, static f => f.Name == Directory) && damage != DatabaseDamage.ReadOnly);
        var doctor = await world.Server.CliAsync("doctor");
        if (doctor.ExitCode != 1) faults.Add($"doctor: {doctor.ExitCode}");
        Named("doctor", doctor.Output);
        var (code, body) = await world.MonitorAsync("ready");
        if (code == HttpStatusCode.OK == stops) faults.Add($"/ready: {(int)code}");
        Named("/ready", body);
        var (health, text) = await world.MonitorAsync("health");
        if (health != HttpStatusCode.OK) faults.Add($"/health: {(int)health}");
        Named("/health", text);
        if (!(await world.MonitorAsync("metrics")).Body.Contains("mailserver_problems{stops_service=\"" + (stops ? "yes" : "no") + "\"} ", StringComparison.Ordinal)) faults.Add("no metric");
        Named("the log", await File.ReadAllTextAsync(Path.Combine(world.Server.Folder, "server.log")));
        return faults;
    }

    private sealed record ServedData(string FirstMail, string SecondMail, string Delivery, string FirstCalendar, string SecondCalendar);
}
