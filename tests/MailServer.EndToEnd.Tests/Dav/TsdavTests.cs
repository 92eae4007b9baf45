using System.Globalization;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>tsdav, the library of web calendars, with one account.</summary>
public sealed class TsdavTests(SharedServer shared) : ExternalClientTest(shared)
{
    [ClientFact("node", "npm")]
    public async Task An_account_is_discovered_filled_queried_synchronized_and_emptied()
    {
        var tools = Path.Combine(Home, "tools");
        Directory.CreateDirectory(tools);
        (await ProgramRun.StartAsync("npm", ["install", "--prefix", tools, "--no-package-lock", "--no-audit", "--no-fund", "tsdav@2"], timeout: TimeSpan.FromMinutes(3))).Succeeded();
        var run = await ProgramRun.StartAsync(
            "node",
            [Path.Combine(ProjectPaths.Root, "tests", "MailServer.EndToEnd.Tests", "Dav", "tsdav.mjs")],
            environment: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["TOOLS"] = tools,
                ["URL"] = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Server.Ports.Dav}/"),
                ["USERNAME"] = User,
                ["PASSWORD"] = ServerProcess.Password,
                ["NODE_TLS_REJECT_UNAUTHORIZED"] = "0",
                ["NODE_NO_WARNINGS"] = "1",
            });
        string[] expected =
        [
            "made 201",
            "calendar Typed & <safe> VEVENT,VTODO,VJOURNAL true true",
            "put 201",
            "put 201",
            "put 201",
            "again 412",
            "all one, three, two",
            "in range two",
            "first sync 3 1",
            "changed 204",
            "conflict 412",
            "added 201",
            "removed 204",
            "difference four | moved | one.ics",
            "dirty true",
            "books true",
            "card 201",
            "card 201",
            "cards Ada, Bob",
            "gone 204 1",
            "calendar removed 204 false",
        ];
        Assert.Equal(expected, run.Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
