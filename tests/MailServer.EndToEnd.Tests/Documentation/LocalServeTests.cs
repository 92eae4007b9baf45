using System.Net;
using MailServer.EndToEnd.Tests.Server;
using MailServer.EndToEnd.Tests.WebPage;

namespace MailServer.EndToEnd.Tests.Documentation;

/// <summary><c>localserve</c>, and the commands that it prints.</summary>
[Collection(UsualPorts)]
public sealed class LocalServeTests
{
    /// <summary>The tests that start <c>localserve</c> without options. It always takes the same ports, so they run one after another.</summary>
    public const string UsualPorts = "the usual ports of localserve";

    [ClientFact("swaks", "curl", "openssl")]
    public async Task It_prints_commands_that_work_when_pasted_and_a_second_start_keeps_the_data()
    {
        var folder = Directory.CreateTempSubdirectory("localserve-").FullName;
        try
        {
            await using (var first = await RunningAsync(folder))
            {
                Assert.Contains("@", first.Output, StringComparison.Ordinal);
                Assert.Contains("Thunderbird", first.Output, StringComparison.OrdinalIgnoreCase);
                await OpensPageAsync(first.Output);
                var lines = Pasteable(first.Output);
                Assert.All(["swaks", "curl", "openssl"], p => Assert.Contains(lines, l => l.StartsWith(p, StringComparison.Ordinal)));
                foreach (var line in lines.OrderByDescending(l => l.StartsWith("swaks", StringComparison.Ordinal)))
                {
                    (await ProgramRun.StartAsync("/bin/sh", ["-c", line], directory: folder, timeout: TimeSpan.FromSeconds(30))).Succeeded();
                }

                var again = await ProgramRun.StartAsync(ProjectPaths.Executable, ["localserve"], directory: folder);
                Assert.Equal(1, again.ExitCode);
                Assert.Contains("in use by process", again.Error, StringComparison.Ordinal);
                var other = Path.Combine(folder, "other");
                Directory.CreateDirectory(other);
                var elsewhere = await ProgramRun.StartAsync(ProjectPaths.Executable, ["localserve"], directory: other);
                Assert.Equal(1, elsewhere.ExitCode);
                Assert.Contains("port 2025 (server.smtp_port) is in use by another program; is this server already running?", elsewhere.Error, StringComparison.Ordinal);
                Assert.Equal(0, await first.InterruptAsync());
            }

            Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, "localserve-data"), "*", SearchOption.AllDirectories));
            var before = MessageFiles(folder);
            Assert.NotEmpty(before);
            await using var second = await RunningAsync(folder);
            Assert.Equal(before, MessageFiles(folder));
            Assert.Equal(0, await second.InterruptAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The link that is printed leads to the page, and the account beside it is an administrator.</summary>
    private static async Task OpensPageAsync(string output)
    {
        var line = output.Split('\n').Single(static l => l.StartsWith("Web page: ", StringComparison.Ordinal));
        using var browser = new Browser(new Uri(line.Split(' ')[2]));
        await browser.SignInAsync("alice@example.test", "alice-demo");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin")).Status);
    }

    /// <summary>The lines that begin with the name of a program, without table borders.</summary>
    private static List<string> Pasteable(string output) =>
        [.. output.Split('\n').Select(l => l.Trim(' ', '│', '|', '$', '\r', '\t')).Where(l => l.StartsWith("swaks ", StringComparison.Ordinal) || l.StartsWith("curl ", StringComparison.Ordinal) || l.StartsWith("openssl ", StringComparison.Ordinal))];

    private static List<string> MessageFiles(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*,S=*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f).Split(':')[0]).Order(StringComparer.Ordinal)];

    private static async Task<BackgroundProgram> RunningAsync(string folder)
    {
        var server = new BackgroundProgram(folder, ProjectPaths.Executable, "localserve");
        await Eventually.BecomesTrueAsync(
            () => server.HasEnded || Pasteable(server.Output).Exists(l => l.StartsWith("openssl", StringComparison.Ordinal)),
            "localserve prints its lines",
            TimeSpan.FromSeconds(30));
        Assert.False(server.HasEnded, server.Output);

        // The last lines may arrive in a later write.
        await Task.Delay(300);
        return server;
    }
}
