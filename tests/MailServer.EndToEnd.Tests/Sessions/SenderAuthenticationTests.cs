using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Authentication of incoming mail: SPF, DKIM and DMARC.</summary>
public sealed class SenderAuthenticationTests : IAsyncLifetime, IDisposable
{
    private readonly FakeDnsServer _dns = new();
    private ServerProcess? _started;
    private string _user = "";

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _dns.Text("good.test", "v=spf1 ip4:127.0.0.1 -all").Text("_dmarc.good.test", "v=DMARC1; p=reject")
            .Text("strict.test", "v=spf1 -all").Text("_dmarc.strict.test", "v=DMARC1; p=reject")
            .Text("wary.test", "v=spf1 -all").Text("_dmarc.wary.test", "v=DMARC1; p=quarantine")
            .Pointer("1.0.0.127.in-addr.arpa", "out.good.test").Address("out.good.test", "127.0.0.1")
            .Text("_dmarc.calm.test", "v=DMARC1; p=none").Failing("calm.test")
            .Text("_dmarc.broken.test", "v=DMARC1; p=reject").Failing("broken.test");
        _started = await ServerProcess.CreateAsync(new ServerSettings { DnsServer = _dns.EndPoint });
        _user = await Server.AddUserAsync();
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
    public async Task Authentic_mail_gets_its_results_and_loses_forged_ones()
    {
        var (reply, file) = await SendAsync("good.test", "Authentication-Results: mail.example.test; dmarc=pass header.from=bank.test\r\n");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(file!, Encoding.Latin1);
        Assert.Contains("Authentication-Results: mail.example.test;\r\n\tiprev=", text, StringComparison.Ordinal);
        Assert.Contains("\tspf=pass (ip4:127.0.0.1) smtp.mailfrom=someone@good.test;\r\n\tdkim=none;\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\tdmarc=pass (p=reject dis=none) header.from=good.test\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bank.test", text, StringComparison.Ordinal);
        Assert.EndsWith("A few words.\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgery_is_rejected_during_the_SMTP_transaction()
    {
        var (reply, file) = await SendAsync("strict.test");
        Assert.StartsWith("550 5.7.1 Refused by the DMARC policy of strict.test", reply, StringComparison.Ordinal);
        Assert.Null(file);
    }

    [Fact]
    public async Task A_forgery_is_filed_in_Junk_with_the_reason()
    {
        var (reply, file) = await SendAsync("wary.test");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Assert.Contains("/Junk/", file, StringComparison.Ordinal);
        Assert.Contains("X-Quarantine-Reason: DMARC policy of wary.test\r\n", await File.ReadAllTextAsync(file!, Encoding.Latin1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_is_deferred_when_DNS_fails_for_a_policy_that_could_reject_it()
    {
        var (reply, file) = await SendAsync("broken.test");
        Assert.StartsWith("451 4.4.3 DNS failure while checking whether this is mail from broken.test", reply, StringComparison.Ordinal);
        Assert.Null(file);
        (reply, file) = await SendAsync("calm.test");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Assert.Contains("dmarc=temperror (p=none dis=none) header.from=calm.test", await File.ReadAllTextAsync(file!, Encoding.Latin1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_with_a_confirmed_reverse_name_is_named_in_the_trace_field()
    {
        var (_, file) = await SendAsync("good.test");
        var text = await File.ReadAllTextAsync(file!, Encoding.Latin1);
        Assert.Contains("Received: from sender.test (out.good.test [127.0.0.1])\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\tiprev=pass (out.good.test) policy.iprev=127.0.0.1;\r\n\tspf=none (sender.test has no SPF record) smtp.helo=sender.test;\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_print_their_evaluation_steps()
    {
        var spf = (await Server.CliAsync("spf", "check", "127.0.0.1", "a@good.test", "h.test")).Succeeded().Output;
        Assert.Contains("ip4:127.0.0.1: match", spf, StringComparison.Ordinal);
        Assert.Contains("result: pass", spf, StringComparison.Ordinal);
        var message = Path.Combine(Server.Folder, "message.eml");
        await File.WriteAllTextAsync(message, TestMail.Text(_user, "x", from: "a@strict.test").ReplaceLineEndings("\n"));
        Assert.Contains("requested policy: reject", (await Server.CliAsync("dmarc", "check", message, "--ip", "127.0.0.1")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("result: none", (await Server.CliAsync("dkim", "verify", message)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("\"result\": \"none\"", (await Server.CliAsync("arc", "verify", message, "--json")).Succeeded().Output, StringComparison.Ordinal);
    }

    /// <summary>Returns the reply to the content, and the file in the Maildir.</summary>
    private async Task<(string Reply, string? File)> SendAsync(string domain, string fields = "")
    {
        var subject = TestMail.NewSubject();
        var letter = fields + TestMail.Text(_user, subject, from: $"someone@{domain}");
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.ReadLineAsync();
        var reply = "";
        foreach (var command in (string[])["HELO sender.test", $"MAIL FROM:<someone@{domain}>", $"RCPT TO:<{_user}>", "DATA", letter + "."])
        {
            await wire.SendAsync(command + "\r\n");
            reply = await wire.ReadLineAsync() ?? "closed";
        }

        return (reply, Server.FilesWith(subject).SingleOrDefault());
    }
}
