using System.Text;
using System.Xml.Linq;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>Automatic configuration of mail clients.</summary>
[Collection(SharedClientServerCollection.Name)]
public sealed class ClientSetupTests(SharedServer shared) : IDisposable
{
    private readonly ServerProcess _server = shared.Server;
    private readonly HttpClient _http = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true }, AllowAutoRedirect = false });

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=anna@example.test", null)]
    [InlineData("/mail/config-v1.1.xml?emailaddress=%25EMAILADDRESS%25", "autoconfig.example.test")]
    public async Task Thunderbird_gets_all_servers(string path, string? host)
    {
        var config = XDocument.Parse(await GetAsync(path, host));
        var incoming = config.Descendants("incomingServer").First();
        Assert.Equal(("imap", "mail.example.test", $"{_server.Ports.Imaps}", "SSL", "%EMAILADDRESS%"), ((string)incoming.Attribute("type")!, incoming.Element("hostname")!.Value, incoming.Element("port")!.Value, incoming.Element("socketType")!.Value, incoming.Element("username")!.Value));
        Assert.Equal($"{_server.Ports.Submissions}", config.Descendants("outgoingServer").First().Element("port")!.Value);
        Assert.Equal([$"https://mail.example.test:{_server.Ports.Dav}/"], config.Descendants("serverURL").Select(u => u.Value).Distinct());
    }

    [Theory]
    [InlineData("/mail/config-v1.1.xml?emailaddress=anna@elsewhere.test")]
    [InlineData("/setup?email=anna@elsewhere.test")]
    [InlineData("/setup/apple.mobileconfig")]
    public async Task Domains_that_are_not_hosted_are_not_found(string path)
    {
        using var response = await _http.GetAsync(Url(path));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("/autodiscover/autodiscover.xml")]
    [InlineData("/Autodiscover/Autodiscover.xml")]
    public async Task Outlook_gets_its_servers(string path)
    {
        var answer = XDocument.Parse(await DiscoverAsync(path, "<Autodiscover xmlns='http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006'><Request><EMailAddress>anna@example.test</EMailAddress></Request></Autodiscover>"));
        var protocols = answer.Descendants().Where(e => e.Name.LocalName == "Protocol").ToArray();
        Assert.Equal(["IMAP", "SMTP"], protocols.Select(p => Value(p, "Type")));
        Assert.Equal([$"{_server.Ports.Imaps}", $"{_server.Ports.Submissions}"], protocols.Select(p => Value(p, "Port")));
        Assert.All(protocols, p => Assert.Equal("anna@example.test", Value(p, "LoginName")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no XML")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'anna@example.test'>]><a><EMailAddress>&b;</EMailAddress></a>")]
    [InlineData("<a><EMailAddress>anna@elsewhere.test</EMailAddress></a>")]
    public async Task Requests_that_name_no_hosted_domain_get_an_error(string request) =>
        Assert.Contains("<ErrorCode>500</ErrorCode>", await DiscoverAsync("/autodiscover/autodiscover.xml", request), StringComparison.Ordinal);

    [ClientFact("openssl")]
    public async Task Apple_gets_a_profile_signed_by_the_servers_certificate()
    {
        var file = Path.Combine(_server.Folder, "profile");
        await File.WriteAllBytesAsync(file, await _http.GetByteArrayAsync(Url("/setup/apple.mobileconfig?email=anna@example.test")));
        var opened = (await ProgramRun.StartAsync("openssl", ["smime", "-verify", "-noverify", "-inform", "DER", "-in", file])).Succeeded().Output;
        var profile = XDocument.Parse(opened[..(opened.IndexOf("</plist>", StringComparison.Ordinal) + "</plist>".Length)].Replace("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">", "", StringComparison.Ordinal));
        var texts = profile.Descendants("string").Select(e => e.Value).ToArray();
        Assert.All(["com.apple.mail.managed", "com.apple.caldav.account", "com.apple.carddav.account", "mail.example.test"], t => Assert.Contains(t, texts));
        Assert.All([_server.Ports.Imaps, _server.Ports.Submissions, _server.Ports.Dav], p => Assert.Contains(profile.Descendants("integer"), e => e.Value == $"{p}"));
    }

    [Fact]
    public async Task A_page_shows_the_same_settings_with_a_QR_code_for_phones()
    {
        var page = await GetAsync("/setup?email=anna%3Cb%3E@example.test", null, expectSuccess: false);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        using (var brief = await _http.GetAsync(Url("/setup?email=anna@example.test"))) Assert.Equal("/?email=anna%40example.test", brief.Headers.Location!.OriginalString);
        page = await GetAsync("/?email=anna%40example.test", null);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("apple.mobileconfig?email=anna%40example.test", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    private static string Value(XElement parent, string name) => parent.Elements().First(e => e.Name.LocalName == name).Value;

    private async Task<string> DiscoverAsync(string path, string request)
    {
        using var content = new StringContent(request, Encoding.UTF8, "text/xml");
        using var response = await _http.PostAsync(Url(path), content);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<string> GetAsync(string path, string? host, bool expectSuccess = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(path));
        request.Headers.Host = host;
        using var response = await _http.SendAsync(request);
        if (expectSuccess) response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    private Uri Url(string path) => new($"https://127.0.0.1:{_server.Ports.Dav}{path}");
}
