using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Trust;

/// <summary>Mail from outside that an alias forwards to another host.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private const string Dkimpy = "/usr/lib/python3/dist-packages/dkim/__init__.py";
    private readonly RemoteMailHosts _world = RemoteMailHosts.Create();
    private ServerProcess? _started;
    private SmtpReceiver? _elsewhere;

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    private SmtpReceiver Elsewhere => _elsewhere ?? throw new InvalidOperationException("not started");

    private string Alias => $"club@{Server.Domain}";

    public async Task InitializeAsync()
    {
        _world.Dns.Text("author.test", "v=spf1 ip4:127.0.0.1 -all").Text("_dmarc.author.test", "v=DMARC1; p=reject");
        _elsewhere = _world.Host("elsewhere.test");
        _started = await ServerProcess.CreateAsync(_world.Checking());
        (await Server.CliAsync("alias", "add", Alias, "member@elsewhere.test")).Succeeded();
        _world.Publish((await Server.CliAsync("dkim", "generate", "--domain", Server.Domain)).Succeeded().Output);
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }

        await _world.DisposeAsync();
    }

    [ClientFact(Dkimpy)]
    public async Task Forwarded_mail_has_an_ARC_seal_that_dkimpy_validates_with_our_results()
    {
        var sunk = await ForwardAsync("ann@author.test", TestMail.Text(Alias, TestMail.NewSubject(), from: "ann@author.test"));
        Assert.Equal("b'pass'", await _world.DkimpyAsync(sunk.Content, "dkim.arc_verify(m, dnsfunc=txt)[0]"));
        Assert.StartsWith($"ARC-Seal: a=rsa-sha256;", sunk.Content, StringComparison.Ordinal);
        Assert.Contains("ARC-Authentication-Results: i=1; mail.example.test; iprev=", sunk.Content, StringComparison.Ordinal);
        Assert.Contains("dmarc=pass (p=reject dis=none) header.from=author.test", sunk.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path:", sunk.Content, StringComparison.Ordinal);
        // Forwarded again: the chain grows.
        _elsewhere!.Messages.Clear();
        var twice = await ForwardAsync("ann@author.test", sunk.Content);
        Assert.Contains("ARC-Authentication-Results: i=2;", twice.Content, StringComparison.Ordinal);
        Assert.Contains("cv=pass; d=example.test; i=2;", twice.Content, StringComparison.Ordinal);
        Assert.Equal("b'pass'", await _world.DkimpyAsync(twice.Content, "dkim.arc_verify(m, dnsfunc=txt)[0]"));
        // A message changed in transit fails for ever.
        _elsewhere.Messages.Clear();
        var broken = await ForwardAsync("ann@author.test", twice.Content + "added\r\n");
        Assert.Contains("cv=fail; d=example.test; i=3;", broken.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwarded_mail_has_a_rewritten_sender_and_its_bounces_reach_the_author()
    {
        var author = _world.Host("author.test");
        var sunk = await ForwardAsync("ann+list@author.test", TestMail.Text(Alias, TestMail.NewSubject(), from: "ann@author.test"));
        Assert.Matches("^SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=author\\.test=ann\\+list@example\\.test$", sunk.Sender);
        var subject = TestMail.NewSubject();
        Assert.StartsWith("250", await Server.ReceiveAsync("", sunk.Sender.ToLowerInvariant(), TestMail.Text(sunk.Sender, subject, from: "daemon@elsewhere.test")), StringComparison.Ordinal);
        var returned = await author.TakenAsync();
        Assert.Equal(("", "ann+list@author.test"), (returned.Sender, Assert.Single(returned.Recipients)));
        Assert.Contains(subject, returned.Content, StringComparison.Ordinal);
        // Not to others.
        var forged = sunk.Sender.Replace("=author.test=", "=victim.test=", StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await Server.ReceiveAsync("", forged, "x\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwarded_mail_is_accepted_by_servers_that_trust_our_seal_and_refused_by_others()
    {
        var subject = TestMail.NewSubject();
        var sunk = await ForwardAsync("ann@author.test", TestMail.Text(Alias, subject, from: "ann@author.test"));
        await using var wary = await ServerProcess.CreateAsync(_world.Checking() with { Domain = "wary.test" });
        await using var trusting = await ServerProcess.CreateAsync(_world.Checking("trusted_arc_sealers: [other.test, example.test]") with { Domain = "trusting.test" });
        foreach (var (server, answer) in ((ServerProcess, string)[])[(wary, "550 5.7.1 Refused by the DMARC policy of author.test"), (trusting, "250 ")])
        {
            var user = await server.AddUserAsync();
            await server.StartAsync();
            Assert.StartsWith(answer, await server.ReceiveAsync(sunk.Sender, user, sunk.Content), StringComparison.Ordinal);
        }

        var text = await File.ReadAllTextAsync(Assert.Single(trusting.FilesWith(subject)));
        Assert.Contains("dmarc=fail (p=reject dis=none override=trusted_forwarder) header.from=author.test;\r\n\tarc=pass (1 set, good)\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_cannot_be_forwarded_bounces_to_the_author()
    {
        var author = _world.Host("author.test");
        Elsewhere.Behavior = ReceiverBehavior.Refuses;
        var subject = TestMail.NewSubject();
        Assert.StartsWith("250", await Server.ReceiveAsync("ann@author.test", Alias, TestMail.Text(Alias, subject, from: "ann@author.test")), StringComparison.Ordinal);
        var notice = await author.TakenAsync();
        Assert.Equal(("", "ann@author.test"), (notice.Sender, Assert.Single(notice.Recipients)));
        Assert.Contains("multipart/report", notice.Content, StringComparison.Ordinal);
        Assert.Contains(subject, notice.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_from_local_senders_keeps_its_sender_and_its_signature()
    {
        var user = await Server.AddUserAsync();
        using var client = await Server.SubmitAsync(user);
        await client.SendAsync(MailKitClients.Letter(user, Alias, TestMail.NewSubject()));
        var sunk = await Elsewhere.TakenAsync();
        Assert.Equal(user, sunk.Sender);
        Assert.StartsWith("DKIM-Signature:", sunk.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("ARC-Seal:", sunk.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SRS_key_survives_a_restart_and_is_private()
    {
        var sunk = await ForwardAsync("ann@author.test", TestMail.Text(Alias, TestMail.NewSubject(), from: "ann@author.test"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Server.Folder, "data", "srs.key")));
        await Server.RestartAsync();
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.test");
        await wire.SmtpAsync("MAIL FROM:<>");
        Assert.StartsWith("250 2.1.5", await wire.SmtpAsync($"RCPT TO:<{sunk.Sender}>"), StringComparison.Ordinal);
    }

    private async Task<SunkMessage> ForwardAsync(string sender, string message)
    {
        Assert.StartsWith("250", await Server.ReceiveAsync(sender, Alias, message), StringComparison.Ordinal);
        return await Elsewhere.TakenAsync();
    }
}
