using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Programs;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>Programs that keep calendars, contacts and files on a server: curl, vdirsyncer, litmus.</summary>
public sealed class DavProgramsTests(SharedServer shared) : ProgramTest(shared)
{
    private string Url => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Server.Ports.Dav}");

    [ClientFact("litmus")]
    public async Task Litmus_finds_no_fault_in_the_file_space()
    {
        var run = await RunAsync("litmus", ["-k", $"{Url}/dav/files/{User}/", User, ServerProcess.Password], timeout: TimeSpan.FromMinutes(3));
        foreach (var suite in new[] { "basic", "copymove", "props", "locks", "http" })
            Assert.Matches($"summary for `{suite}': of \\d+ tests run: \\d+ passed, 0 failed", run.Everything);
    }

    [ClientFact("vdirsyncer", "openssl")]
    public async Task Vdirsyncer_keeps_two_copies_in_step_through_the_server()
    {
        const int count = 60;
        var first = Local("first", count);
        var second = Local("second", 0);
        await SynchroniseAsync("first", "second");
        Assert.Equal(count, Directory.GetFiles(second.Events).Length);
        Assert.Equal(count, Directory.GetFiles(second.Cards).Length);

        // A change here, a removal there, and both see both.
        var changed = Directory.GetFiles(second.Events)[0];
        await File.WriteAllTextAsync(changed, (await File.ReadAllTextAsync(changed)).Replace("SUMMARY:", "SUMMARY:Moved ", StringComparison.Ordinal));
        File.Delete(Directory.GetFiles(first.Cards)[0]);
        await SynchroniseAsync("second", "first", "second");
        Assert.Single(Directory.GetFiles(first.Events), file => File.ReadAllText(file).Contains("Moved", StringComparison.Ordinal));
        Assert.Equal(count - 1, Directory.GetFiles(second.Cards).Length);
    }

    [ClientFact("curl")]
    public async Task Curl_is_led_from_the_well_known_url_to_the_principal()
    {
        const string body = "<propfind xmlns='DAV:'><prop><current-user-principal/></prop></propfind>";
        foreach (var service in new[] { "caldav", "carddav" })
        {
            var run = await CurlAsync("-L", "-X", "PROPFIND", "-H", "Depth: 0", "-d", body, $"{Url}/.well-known/{service}");
            Assert.Contains($"/dav/principals/{User}/", run.Output, StringComparison.Ordinal);
        }
    }

    [ClientFact("curl")]
    public async Task Without_a_password_or_for_another_account_nothing_is_shown()
    {
        var other = await Server.AddUserAsync();
        var status = await CurlAsync("-o", "/dev/null", "-w", "%{http_code}", $"{Url}/dav/files/{other}/secret");
        Assert.Equal("404", status.Output);
        foreach (var path in new[] { $"/dav/files/{User}/%2e%2e/{other}/x", $"/dav/files/{User}/..%2f{other}/x" })
        {
            status = await CurlAsync("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", Url + path);
            Assert.Contains(status.Output, new[] { "400", "404" });
        }

        var anonymous = await RunAsync("curl", ["-sk", "-o", "/dev/null", "-w", "%{http_code}", $"{Url}/dav/files/{User}/"]);
        Assert.Equal("401", anonymous.Output);
    }

    [ClientFact("curl")]
    public async Task Hostile_xml_is_refused_and_tells_nothing()
    {
        var laughs = "<!DOCTYPE x [<!ENTITY a 'ha'>" + string.Concat(Enumerable.Range(0, 20).Select(i => $"<!ENTITY b{i} '&a;&a;&a;'>")) + "]><propfind xmlns='DAV:'><prop>&b19;</prop></propfind>";
        var deep = "<propfind xmlns='DAV:'>" + string.Concat(Enumerable.Repeat("<a>", 500)) + string.Concat(Enumerable.Repeat("</a>", 500)) + "</propfind>";
        const string file = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><propfind xmlns='DAV:'><prop><displayname>&e;</displayname></prop></propfind>";
        foreach (var body in new[] { laughs, deep, file, "<propfind", "" + '\u0001' })
        {
            var status = await CurlAsync("-w", "%{http_code}", "-X", "PROPFIND", "-H", "Depth: 0", "--data-binary", body, $"{Url}/dav/files/{User}/");
            Assert.EndsWith("400", status.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", status.Output, StringComparison.Ordinal);
        }
    }

    private Task<ProgramRun> CurlAsync(params string[] arguments) => RunAsync("curl", ["-sSk", "--user", $"{User}:{ServerProcess.Password}", .. arguments]);

    private (string Events, string Cards) Local(string name, int count)
    {
        var events = Directory.CreateDirectory(Path.Combine(Home, name, "calendars", "calendar")).FullName;
        var cards = Directory.CreateDirectory(Path.Combine(Home, name, "addressbooks", "contacts")).FullName;
        for (var i = 0; i < count; i++)
        {
            File.WriteAllText(Path.Combine(events, $"e{i}.ics"), $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:e{i}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261201T{i % 24:00}0000Z\r\nDURATION:PT1H\r\nSUMMARY:Event {i} & <more>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
            File.WriteAllText(Path.Combine(cards, $"c{i}.vcf"), $"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c{i}\r\nFN:Person {i}\r\nN:{i};Person;;;\r\nEND:VCARD\r\n");
        }

        return (events, cards);
    }

    private async Task SynchroniseAsync(params string[] copies)
    {
        foreach (var copy in copies.Distinct(StringComparer.Ordinal)) await ConfigureVdirsyncerAsync(copy);
        foreach (var copy in copies)
        {
            await RunAsync("vdirsyncer", ["-c", Path.Combine(Home, copy + ".conf"), "discover"], input: "y\ny\ny\ny\n");
            await RunAsync("vdirsyncer", ["-c", Path.Combine(Home, copy + ".conf"), "sync"]);
        }
    }

    private async Task ConfigureVdirsyncerAsync(string copy)
    {
        var (certificate, _) = await Server.CertificateAsync(Home);
        var remote = $"""
            url = "https://localhost:{Server.Ports.Dav.ToString(CultureInfo.InvariantCulture)}/"
            username = "{User}"
            password = "{ServerProcess.Password}"
            verify = "{certificate}"
            """;
        Configure(copy + ".conf", $"""
            [general]
            status_path = "{Home}/{copy}/status/"

            [pair calendars]
            a = "local_calendars"
            b = "remote_calendars"
            collections = ["calendar"]

            [storage local_calendars]
            type = "filesystem"
            path = "{Home}/{copy}/calendars/"
            fileext = ".ics"

            [storage remote_calendars]
            type = "caldav"
            {remote}

            [pair contacts]
            a = "local_contacts"
            b = "remote_contacts"
            collections = ["contacts"]

            [storage local_contacts]
            type = "filesystem"
            path = "{Home}/{copy}/addressbooks/"
            fileext = ".vcf"

            [storage remote_contacts]
            type = "carddav"
            {remote}
            """);
    }
}
