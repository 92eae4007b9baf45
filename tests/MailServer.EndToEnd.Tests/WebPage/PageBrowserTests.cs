using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailServer.EndToEnd.Tests.Dav;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.WebPage;

/// <summary>The web page in Chromium: typical use, then every page in five widths, light and dark: no overflow, no break inside a word, and axe-core checks. The pictures stay with the test results.</summary>
public sealed class PageBrowserTests
{
    [ClientFact("chromium", "node", "npm")]
    public async Task Typical_tasks_work_in_chromium_and_axe_finds_no_serious_fault_on_any_page()
    {
        await using var server = await ServerProcess.StartNewAsync(new ServerSettings { RelayHost = "127.0.0.1:9" });
        var (admin, user) = (await server.AddUserAsync("ann"), await server.AddUserAsync("ben"));
        (await server.CliAsync("user", "admin", "grant", admin)).Succeeded();
        (await server.CliAsync("alias", "add", $"known@{server.Domain}", admin, user)).Succeeded();
        (await server.CliAsync("lists", "add", $"known-list@{server.Domain}", "--owner", admin, admin, user)).Succeeded();
        using (var client = await server.SubmitAsync(admin))
        {
            await client.SendAsync(MailKitClients.Letter(admin, "somebody@remote.test", "waits"));
            await client.SendAsync(MailKitClients.Letter(admin, user, "arrives"));
        }

        using (var dav = new DavClient(server, user)) await dav.PropFindAsync(dav.Calendar, 0, "D:displayname");
        using var imap = await server.ImapAsync(user);
        await imap.IdentifyAsync(new ImapImplementation { Name = "<script>alert(1)</script>" });
        await imap.Inbox.OpenAsync(FolderAccess.ReadOnly);

        var tools = Path.Combine(server.Folder, "tools");
        Directory.CreateDirectory(tools);
        (await ProgramRun.StartAsync("npm", ["install", "--prefix", tools, "--no-package-lock", "--no-audit", "--no-fund", "playwright-core@1", "axe-core@4"], timeout: TimeSpan.FromMinutes(3))).Succeeded();
        var walk = await ProgramRun.StartAsync(
            "node",
            [Path.Combine(ProjectPaths.Root, "tests", "MailServer.EndToEnd.Tests", "WebPage", "browser.mjs")],
            environment: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["BASE"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.Ports.Admin}"),
                ["PUBLIC"] = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{server.Ports.Dav}"),
                ["ADMIN"] = admin,
                ["USER"] = user,
                ["PASSWORD"] = ServerProcess.Password,
                ["TOOLS"] = tools,
                ["SHOTS"] = Path.Combine(ProjectPaths.Root, "artifacts", "test-results", "screenshots"),
                ["CHROMIUM"] = "/usr/bin/chromium",
            },
            timeout: TimeSpan.FromMinutes(15));
        Assert.True(walk.Everything.Trim() == "no faults", walk.Everything);
    }
}
