using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>Rotation by the real logrotate with the file of the package, and a full disk of the log: mail flows, and no line is lost.</summary>
public sealed class LogDiskTests(LogDiskServer log) : IClassFixture<LogDiskServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ClientFact("logrotate", "unshare")]
    public async Task Logrotate_with_the_file_of_the_package_loses_no_line_with_and_without_systemd()
    {
        var user = await log.Server.AddUserAsync();
        var ids = new List<string>();
        using var enough = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested) ids.Add(await log.DeliverAsync(user, "rotated"));
        });
        for (var i = 0; i < 2; i++)
        {
            foreach (var isSystemd in new[] { false, true })
            {
                var before = ids.Count;
                await Eventually.BecomesTrueAsync(() => ids.Count > before + 2, "mail flows", Patience);
                var asked = await RotateAsync(isSystemd);
                Assert.Equal(isSystemd ? "is-active --quiet mailserver.service\nreload mailserver.service\n" : "", asked);
                await Eventually.BecomesTrueAsync(() => File.Exists(log.LogFile), "the server writes to a new file", Patience);
            }
        }

        await enough.CancelAsync();
        await load;
        Assert.True(File.Exists(log.LogFile + ".1"), "the newest rotated file stays as it is");
        Assert.Equal(["mail.log.2.gz", "mail.log.3.gz", "mail.log.4.gz"], Directory.GetFiles(log.Logs, "*.gz").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await log.EachIsLoggedOnceAsync(ids);
        Assert.True(Directory.GetFiles(log.Logs).All(static f => (File.GetUnixFileMode(f) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) == 0), "every file is private");
    }

    [ClientFact("mount", "unshare")]
    public async Task On_a_full_log_disk_mail_flows_the_problem_is_named_and_every_line_is_written_once_there_is_space()
    {
        var user = await log.Server.AddUserAsync();
        var said = $"the log cannot be written to {log.LogFile}";
        var filler = Path.Combine(log.Logs, "filler");
        await ProgramRun.StartAsync("sh", ["-c", $"dd if=/dev/zero of={filler} bs=4k 2>/dev/null; dd if=/dev/zero bs=1 >>{filler} 2>/dev/null; true"]);
        var ids = new List<string>();
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                for (var i = 0; i < 5; i++) ids.Add(await log.DeliverAsync(user, "on a full disk"));
                return (await log.Server.CliAsync("status")).Succeeded().Output.Contains(said, StringComparison.Ordinal);
            },
            "status names the problem",
            Patience);
        for (var i = 0; i < 20; i++) ids.Add(await log.DeliverAsync(user, "on a full disk"));
        Assert.Equal(ids.Count, log.Server.FilesWith("on a full disk").Count);
        var doctor = await log.Server.CliAsync("doctor");
        Assert.Contains(said, doctor.Output, StringComparison.Ordinal);
        Assert.Contains("No space left on device", doctor.Output, StringComparison.Ordinal);
        Assert.Contains($"the disk of '{log.LogFile}' is full", (await log.Server.CliAsync("config", "check")).Everything, StringComparison.Ordinal);

        File.Delete(filler);
        await Eventually.BecomesTrueAsync(async () => !(await log.Server.CliAsync("status")).Output.Contains(said, StringComparison.Ordinal), "status is clear again", Patience);
        ids.Add(await log.DeliverAsync(user, "afterwards"));
        await log.EachIsLoggedOnceAsync(ids);
    }

    /// <summary>
    /// Runs logrotate in a mount namespace where the log, the user of the service and, if wanted, systemd are where the file of the package expects them.
    /// Returns what the file asked systemctl for; its reload does what the unit says.
    /// </summary>
    private async Task<string> RotateAsync(bool isSystemd)
    {
        var folder = Directory.CreateTempSubdirectory("logrotate-").FullName;
        var reload = File.ReadLines(Path.Combine(ProjectPaths.Root, "deploy/systemd/mailserver.service")).Single(static l => l.StartsWith("ExecReload=", StringComparison.Ordinal))["ExecReload=".Length..];
        await File.WriteAllTextAsync(Path.Combine(folder, "systemctl"), $"#!/bin/sh\nMAINPID={log.Server.ProcessId}\necho \"$*\" >>{folder}/asked\ncase $1 in reload) {reload} ;; esac\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "rotate"), $"""
            set -e
            for file in passwd group; do grep -v '^mailserver:' /etc/$file >{folder}/$file; done
            echo 'mailserver:x:0:0::/:/bin/false' >>{folder}/passwd
            echo 'mailserver:x:0:' >>{folder}/group
            for file in passwd group; do mount --bind {folder}/$file /etc/$file; done
            mount -t tmpfs tmpfs /var/log
            mkdir /var/log/mailserver
            mount --bind {log.Logs} /var/log/mailserver
            mount -t tmpfs tmpfs /run
            {(isSystemd ? "mkdir -p /run/systemd/system" : "")}
            chmod 0700 {folder}/systemctl
            install -m 0644 {ProjectPaths.Root}/deploy/logrotate/mailserver {folder}/shipped
            PATH={folder}:$PATH:/usr/sbin
            logrotate -f -s {Path.Combine(log.Server.Folder, "logrotate.state")} {folder}/shipped
            """);
        (await ProgramRun.StartAsync("unshare", ["--mount", "sh", Path.Combine(folder, "rotate")])).Succeeded();
        var asked = Path.Combine(folder, "asked");
        var words = File.Exists(asked) ? await File.ReadAllTextAsync(asked) : "";
        Directory.Delete(folder, recursive: true);
        return words;
    }
}
