using System.Globalization;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>External programs for calendars, contacts and files: curl and litmus.</summary>
public sealed class DavProgramsTests(SharedServer shared) : ExternalClientTest(shared)
{
    private string Url => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Server.Ports.Dav}");

    [ClientFact("litmus")]
    public async Task Litmus_passes_on_the_file_space()
    {
        var run = await RunAsync("litmus", ["-k", $"{Url}/dav/files/{User}/", User, ServerProcess.Password], timeout: TimeSpan.FromMinutes(3));
        foreach (var suite in new[] { "basic", "copymove", "props", "locks", "http" })
            Assert.Matches($"summary for `{suite}': of \\d+ tests run: \\d+ passed, 0 failed", run.Everything);
    }

    [ClientFact("curl")]
    public async Task Curl_follows_the_well_known_URL_to_the_principal()
    {
        const string body = "<propfind xmlns='DAV:'><prop><current-user-principal/></prop></propfind>";
        foreach (var service in new[] { "caldav", "carddav" })
        {
            var run = await CurlAsync("-L", "-X", "PROPFIND", "-H", "Depth: 0", "-d", body, $"{Url}/.well-known/{service}");
            Assert.Contains($"/dav/principals/{User}/", run.Output, StringComparison.Ordinal);
        }
    }

    [ClientFact("curl")]
    public async Task Nothing_is_shown_without_a_password_or_to_another_account()
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
    public async Task Hostile_XML_is_refused_without_disclosure()
    {
        var laughs = "<!DOCTYPE x [<!ENTITY a 'ha'>" + string.Concat(Enumerable.Range(0, 20).Select(i => $"<!ENTITY b{i} '&a;&a;&a;'>")) + "]><propfind xmlns='DAV:'><prop>&b19;</prop></propfind>";
        // Each entity expands ten times as often as the one before: 10^20 in the end.
        var nested = "<!DOCTYPE x [<!ENTITY b0 'ha'>" + string.Concat(Enumerable.Range(1, 20).Select(i => $"<!ENTITY b{i} '{string.Concat(Enumerable.Repeat($"&b{i - 1};", 10))}'>")) + "]><propfind xmlns='DAV:'><prop>&b20;</prop></propfind>";
        var deep = "<propfind xmlns='DAV:'>" + string.Concat(Enumerable.Repeat("<a>", 500)) + string.Concat(Enumerable.Repeat("</a>", 500)) + "</propfind>";
        const string file = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><propfind xmlns='DAV:'><prop><displayname>&e;</displayname></prop></propfind>";
        foreach (var body in new[] { laughs, nested, deep, file, "<propfind", "" + '\u0001' })
        {
            var status = await CurlAsync("-w", "%{http_code}", "-X", "PROPFIND", "-H", "Depth: 0", "--data-binary", body, $"{Url}/dav/files/{User}/");
            Assert.EndsWith("400", status.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", status.Output, StringComparison.Ordinal);
        }
    }

    private Task<ProgramRun> CurlAsync(params string[] arguments) => RunAsync("curl", ["-sSk", "--user", $"{User}:{ServerProcess.Password}", .. arguments]);
}
