using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;

namespace MailServer.EndToEnd.Tests.Trust;

/// <summary>Our outgoing mail, checked by a host that runs Postfix, opendkim and opendmarc.</summary>
public sealed class DmarcInteropTests
{
    [ClientFact("postfix", "opendkim", "opendmarc", "unshare")]
    public async Task Our_signed_mail_passes_a_reject_policy_and_a_forgery_is_refused()
    {
        using var dns = new FakeDnsServer(DmarcMilters.Resolver, 53);
        using var milters = await DmarcMilters.StartAsync();
        await using var server = await ServerProcess.CreateAsync();
        await using var postfix = await PostfixServer.StartAsync(server.Ports.Smtp, [.. milters.Ports]);
        File.AppendAllText(server.ConfigFile, string.Create(CultureInfo.InvariantCulture, $$"""

            delivery:
              routes:
                - {domain: postfix.test, host: "127.0.0.1:{{postfix.Port}}"}
            """));
        SenderAuthenticationTestBed.Publish(dns, (await server.CliAsync("dkim", "generate", "--domain", server.Domain)).Succeeded().Output);
        dns.Text($"_dmarc.{server.Domain}", "v=DMARC1; p=reject");
        var user = await server.AddUserAsync();
        await server.StartAsync();

        var subject = await RemoteMailHosts.SubmitAsync(server, user, "one@postfix.test");
        await Eventually.BecomesTrueAsync(() => postfix.Mail.Contains(subject, StringComparison.Ordinal), "it arrives");
        Assert.Contains($"Authentication-Results: judge.test; dmarc=pass (p=reject dis=none) header.from={server.Domain}", postfix.Mail, StringComparison.Ordinal);
        Assert.Contains($"dkim=pass (2048-bit key; unprotected) header.d={server.Domain}", postfix.Mail, StringComparison.Ordinal);

        await using var forger = await WireClient.ConnectAsync(postfix.Port);
        await forger.SmtpReplyAsync();
        await forger.SmtpAsync("EHLO forger.test");
        var refused = await forger.TransactionAsync("someone@forger.test", ["one@postfix.test"], TestMail.Text("one@postfix.test", TestMail.NewSubject(), from: user));
        Assert.Contains("rejected by DMARC policy", refused, StringComparison.Ordinal);
    }
}
