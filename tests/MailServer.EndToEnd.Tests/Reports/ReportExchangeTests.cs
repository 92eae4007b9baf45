using System.IO.Compression;
using System.Text;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.WebPage;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;

namespace MailServer.EndToEnd.Tests.Reports;

/// <summary>Two domains that exchange reports: one server sends what it observed, and the other shows it on its command line.</summary>
public sealed class ReportExchangeTests : IAsyncLifetime, IDisposable
{
    private const string Received = "Kept by another server";

    private readonly FakeDnsServer _dns = new();
    private ServerProcess? _started;
    private string _user = "";

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        // The receiving server hosts the mail of both domains, so that the report passes through all steps: recorded, written, signed, delivered, parsed, stored.
        _dns.Text("author.test", "v=spf1 ip4:127.0.0.1 -all").Text("_dmarc.author.test", "v=DMARC1; p=reject; rua=mailto:dmarc-reports@author.test,mailto:x@victim.test")
            .Text("_dmarc.victim.test", "v=DMARC1; p=none");
        _started = await ServerProcess.CreateAsync(new ServerSettings { DnsServer = _dns.EndPoint });
        _user = await Server.AddUserAsync();
        (await Server.CliAsync("domain", "add", "author.test")).Succeeded();
        (await Server.CliAsync("user", "add", "dmarc-reports@author.test", "--password", ServerProcess.Password)).Succeeded();
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }
    }

    public void Dispose() => _dns.Dispose();

    [Fact]
    public async Task A_report_sent_by_one_domain_is_read_by_the_other()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.StartsWith("250", await SendAsync("someone@author.test"), StringComparison.Ordinal);
        }

        Assert.StartsWith("550 5.7.1", await SendAsync("someone@stranger.test"), StringComparison.Ordinal);

        var dry = (await Server.CliAsync("dmarc", "report", "send", "--day", "today", "--dry-run")).Succeeded().Output;
        Assert.Contains("would be sent", dry, StringComparison.Ordinal);
        var sent = (await Server.CliAsync("dmarc", "report", "send", "--day", "today", "--json")).Succeeded().Output;
        using (var json = JsonDocument.Parse(sent))
        {
            var report = json.RootElement[0];
            Assert.Equal("author.test", report.GetProperty("domain").GetString());
            Assert.Equal(4, report.GetProperty("messages").GetInt64());
            Assert.Equal("mailto:dmarc-reports@author.test", report.GetProperty("destinations")[0].GetString());
            Assert.Contains("x@victim.test: its domain has not agreed", report.GetProperty("outcome").GetString(), StringComparison.Ordinal);
        }

        var file = Assert.Single(Server.FilesWith("Report Domain: author.test"));
        Assert.Contains("example.test!author.test!", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        var id = await IdOfAsync("author.test");
        var shown = (await Server.CliAsync("dmarc", "report", "show", id)).Succeeded().Output;
        Assert.Contains("policy of author.test: p=reject", shown, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1\t3\tpass\tfail\tpass\tauthor.test\tauthor.test", shown, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1\t1\treject\tfail\tfail\tauthor.test\tstranger.test", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("author.test", (await Server.CliAsync("dmarc", "report", "send", "--day", "today")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("sent", (await Server.CliAsync("dmarc", "report", "list", "--sent")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_another_server_is_recognized_survives_a_restart_and_is_shown()
    {
        await Server.DeliverAsync(Mail("application/gzip", Packed($"""
            <feedback><report_metadata><org_name>{Received}</org_name><email>a@b.test</email><report_id>77</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>
            <policy_published><domain>author.test</domain><p>none</p></policy_published>
            <record><row><source_ip>192.0.2.55</source_ip><count>12</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
            <identifiers><header_from>author.test</header_from></identifiers><auth_results/></record></feedback>
            """)), "dmarc-reports@author.test");
        await Server.DeliverAsync(Mail("application/tlsrpt+gzip", Packed($$"""
            {"organization-name":"{{Received}}","date-range":{"start-datetime":"2026-01-01T00:00:00Z","end-datetime":"2026-01-01T23:59:59Z"},"contact-info":"a@b.test","report-id":"88",
             "policies":[{"policy":{"policy-type":"sts","policy-domain":"author.test"},"summary":{"total-successful-session-count":9,"total-failure-session-count":2},
             "failure-details":[{"result-type":"certificate-expired","failed-session-count":2,"receiving-mx-hostname":"mx.author.test"}]}]}
            """)), "dmarc-reports@author.test");
        var dmarc = await IdOfAsync("author.test");
        await Server.RestartAsync();
        Assert.Contains("192.0.2.55\t12\tnone\tfail\tfail\tauthor.test", (await Server.CliAsync("dmarc", "report", "show", dmarc)).Succeeded().Output, StringComparison.Ordinal);
        var tls = (await Server.CliAsync("tls-report", "list")).Succeeded().Output;
        Assert.Contains(Received, tls, StringComparison.Ordinal);
        var shown = (await Server.CliAsync("tls-report", "show", tls.Split('\t')[0])).Succeeded().Output;
        Assert.Contains("author.test\tsts\tsuccessful\t9", shown, StringComparison.Ordinal);
        Assert.Contains("author.test\tsts\tcertificate-expired\t2\tmx.author.test", shown, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"certificate-expired\"", (await Server.CliAsync("tls-report", "show", tls.Split('\t')[0], "--json")).Succeeded().Output, StringComparison.Ordinal);
        var missing = await Server.CliAsync("dmarc", "report", "show", "9999");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("no report '9999'", missing.Error, StringComparison.Ordinal);

        (await Server.CliAsync("user", "admin", "grant", "dmarc-reports@author.test")).Succeeded();
        using var browser = await Browser.SignedInAsync(Server, "dmarc-reports@author.test");
        Assert.Contains(Received, (await browser.GetAsync("/admin/reports")).Html, StringComparison.Ordinal);
        Assert.Contains(Received, (await browser.GetAsync("/admin/reports?kind=tls")).Html, StringComparison.Ordinal);
        Assert.Contains("192.0.2.55", (await browser.GetAsync("/admin/reports/show?kind=dmarc&id=" + dmarc)).Html, StringComparison.Ordinal);
        Assert.Contains("certificate-expired", (await browser.GetAsync("/admin/reports/show?kind=tls&id=" + tls.Split('\t')[0])).Html, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await browser.GetAsync("/admin/reports/show?kind=tls&id=9999")).Status);
    }

    [Fact]
    public async Task A_decompression_bomb_and_invalid_reports_are_treated_as_ordinary_mail()
    {
        var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync("<feedback><x>"u8.ToArray());
            var block = Enumerable.Repeat((byte)'x', 1024 * 1024).ToArray();
            for (var i = 0; i < 60; i++)
            {
                await gzip.WriteAsync(block);
            }
        }

        var subject = TestMail.NewSubject();
        await Server.DeliverAsync(Mail("application/gzip", bomb.ToArray(), subject), "dmarc-reports@author.test");
        await Server.DeliverAsync(Mail("application/zip", Encoding.ASCII.GetBytes("PK\u0003\u0004 nothing"), subject), "dmarc-reports@author.test");
        await Server.DeliverAsync(Mail("text/xml", "<!DOCTYPE feedback [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><feedback>&a;</feedback>"u8.ToArray(), subject), "dmarc-reports@author.test");
        var log = Path.Combine(Server.Folder, "server.log");
        await Eventually.BecomesTrueAsync(() => File.ReadAllText(log).Split("contains no readable report").Length == 4, "three log lines");
        Assert.Equal(3, Server.FilesWith(subject).Count);
        Assert.Equal("", (await Server.CliAsync("dmarc", "report", "list")).Succeeded().Output.Trim());
        await Server.AssertServesAsync();
    }

    /// <summary>Waits for the only report about a domain and returns its number.</summary>
    private async Task<string> IdOfAsync(string domain)
    {
        var line = "";
        await Eventually.BecomesTrueAsync(
            async () => (line = (await Server.CliAsync("dmarc", "report", "list")).Succeeded().Output).Contains($"\t{domain}\t", StringComparison.Ordinal),
            "a report came");
        return line.Split('\t')[0];
    }

    private async Task<string> SendAsync(string envelope)
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.test");
        return await wire.TransactionAsync(envelope, [_user], TestMail.Text(_user, TestMail.NewSubject(), from: "someone@author.test"));
    }

    private static byte[] Packed(string document)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(document));
        }

        return packed.ToArray();
    }

    private static string Mail(string type, byte[] content, string subject = "Report") =>
        $"From: reporter@elsewhere.test\r\nTo: dmarc-reports@author.test\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
        + $"--b\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=r\r\n\r\n"
        + Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks) + "\r\n--b--\r\n";
}
