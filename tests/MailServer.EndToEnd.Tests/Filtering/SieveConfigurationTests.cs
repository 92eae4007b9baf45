using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Filtering;

/// <summary>Scripts while no server runs, in a backup, in the configuration, and after a kill.</summary>
public sealed class SieveConfigurationTests
{
    [Fact]
    public async Task Scripts_are_managed_without_a_server_survive_a_restore_and_run_afterwards()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        var file = Path.Combine(server.Folder, "main.sieve");
        await File.WriteAllTextAsync(file, "require \"fileinto\"; fileinto \"Archive\";");
        (await server.CliAsync("sieve", "put", user, "main", file, "--activate")).Succeeded();
        var backups = Path.Combine(server.Folder, "backups");
        await server.StartAsync();
        (await server.CliAsync("backup", backups)).Succeeded();
        Assert.Equal(0, await server.StopAsync());
        Directory.Delete(Path.Combine(server.Folder, "data"), recursive: true);
        (await server.CliAsync("restore", backups)).Succeeded();
        Assert.StartsWith("main\t", (await server.CliAsync("sieve", "list", user)).Succeeded().Output, StringComparison.Ordinal);
        await server.StartAsync();
        var subject = TestMail.NewSubject();
        await server.DeliverAsync(TestMail.Text(user, subject), user);
        Assert.Contains("/Archive/cur/", Assert.Single(server.FilesWith(subject)), StringComparison.Ordinal);
        (await server.CliAsync("check")).Succeeded();
        var exported = Path.Combine(server.Folder, "exported");
        Assert.Contains("the active one is main", (await server.CliAsync("export", exported, "--account", user)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllTextAsync(file), await File.ReadAllTextAsync(Path.Combine(exported, "sieve-scripts", "main.sieve")));
    }

    [Fact]
    public async Task A_script_of_the_configuration_with_an_error_is_a_problem_of_the_configuration_with_its_place()
    {
        await using var server = await ServerProcess.CreateAsync();
        var file = Path.Combine(server.Folder, "after.sieve");
        await File.WriteAllTextAsync(file, "require \"fileinto\";\nfileinto 17;\n");
        await File.AppendAllTextAsync(server.ConfigFile, $"\nsieve:\n  after: {file}\n");
        var run = await server.CliAsync("config", "check");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("sieve.after", run.Everything, StringComparison.Ordinal);
        Assert.Contains("2:10:", run.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_takes_a_script_that_is_correct_and_leaves_the_old_one_otherwise()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        var file = Path.Combine(server.Folder, "after.sieve");
        await File.WriteAllTextAsync(file, "keep;");
        await File.AppendAllTextAsync(server.ConfigFile, $"\nsieve:\n  after: {file}\n");
        await server.StartAsync();
        foreach (var (script, word) in new[] { ("require \"fileinto\"; fileinto \"Archive\";", "reloaded"), ("this is not sieve", "stay as they were") })
        {
            await File.WriteAllTextAsync(file, script);
            await Signals.SendAsync(server.ProcessId, "HUP");
            await Eventually.BecomesTrueAsync(() => File.ReadAllText(Path.Combine(server.Folder, "server.log")).Contains($"scripts of the configuration {word}", StringComparison.Ordinal), word);
            var subject = TestMail.NewSubject();
            await server.DeliverAsync(TestMail.Text(user, subject), user);
            Assert.Contains("/Archive/cur/", Assert.Single(server.FilesWith(subject)), StringComparison.Ordinal);
        }

        var status = (await server.CliAsync("status")).Succeeded().Output;
        Assert.Contains(file, status, StringComparison.Ordinal);
        Assert.Contains("1:1:", status, StringComparison.Ordinal);
        Assert.Contains(file, (await server.CliAsync("doctor")).Everything, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "keep;");
        await Signals.SendAsync(server.ProcessId, "HUP");
        await Eventually.BecomesTrueAsync(async () => !(await server.CliAsync("status")).Succeeded().Output.Contains(file, StringComparison.Ordinal), "the problem is gone");
    }

    [Fact]
    public async Task Damaged_scripts_are_named_by_the_list_the_check_and_the_backup()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        var file = Path.Combine(server.Folder, "main.sieve");
        await File.WriteAllTextAsync(file, "keep;");
        foreach (var name in new[] { "good", "broken", "gone" }) (await server.CliAsync("sieve", "put", user, name, file, "--activate")).Succeeded();
        var folder = Assert.Single(Directory.GetDirectories(server.MaildirPath, ".sieve", SearchOption.AllDirectories));
        await File.WriteAllTextAsync(Path.Combine(folder, "broken.sieve"), "no script");
        File.Delete(Path.Combine(folder, "gone.sieve"));
        await File.WriteAllTextAsync(Path.Combine(folder, "large.sieve"), new string('#', 600 * 1024));
        File.CreateSymbolicLink(Path.Combine(folder, "link.sieve"), file);
        await server.StartAsync();
        var list = await server.CliAsync("sieve", "list", user);
        Assert.Equal(2, list.Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        foreach (var damaged in new[] { "'broken' has an error", "large.sieve", "link.sieve", "'gone', which does not exist" }) Assert.Contains(damaged, list.Error, StringComparison.Ordinal);
        var check = await server.CliAsync("check");
        var backup = await server.CliAsync("backup", Path.Combine(server.Folder, "backups"));
        foreach (var damaged in new[] { "large.sieve", "link.sieve", "'gone', which does not exist" })
        {
            Assert.Contains(damaged, check.Everything, StringComparison.Ordinal);
            Assert.Contains(damaged, backup.Everything, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_was_acknowledged_before_a_kill_is_stored_and_sent()
    {
        await using var sink = SmtpSink.Start();
        await using var server = await ServerProcess.CreateAsync(new ServerSettings { RelayHost = sink.Address });
        var user = await server.AddUserAsync();
        var file = Path.Combine(server.Folder, "main.sieve");
        await File.WriteAllTextAsync(file, "require [\"copy\", \"fileinto\"]; fileinto :copy \"Archive\"; redirect :copy \"far@elsewhere.example\";");
        (await server.CliAsync("sieve", "put", user, "main", file, "--activate")).Succeeded();
        await server.StartAsync();
        var subjects = Enumerable.Range(0, 5).Select(static _ => TestMail.NewSubject()).ToArray();
        foreach (var subject in subjects)
        {
            await server.DeliverAsync(TestMail.Text(user, subject), user);
            await server.KillAsync();
            await server.StartAsync();
        }

        foreach (var subject in subjects)
        {
            Assert.Equal(2, server.FilesWith(subject).Count);
            await Eventually.BecomesTrueAsync(() => sink.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "it is sent");
        }
    }
}
