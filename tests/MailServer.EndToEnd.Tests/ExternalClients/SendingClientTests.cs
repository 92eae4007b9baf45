using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.ExternalClients;

/// <summary>External programs that submit mail: swaks, msmtp, curl.</summary>
public sealed class SendingClientTests(SharedServer shared) : ExternalClientTest(shared)
{
    [ClientFact("swaks")]
    public async Task Swaks_delivers_to_the_receiving_port()
    {
        await RunAsync("swaks", ["--server", "127.0.0.1", "--port", Smtp, "--from", "someone@sender.example", "--to", User, "--header", "Subject: " + Subject]);
        Assert.Single(Server.FilesWith(Subject));
    }

    [ClientFact("swaks")]
    public async Task Swaks_delivers_with_pipelining_under_STARTTLS()
    {
        await RunAsync("swaks", ["--server", "127.0.0.1", "--port", Smtp, "--tls", "--pipeline", "--from", "someone@sender.example", "--to", User, "--header", "Subject: " + Subject]);
        Assert.Single(Server.FilesWith(Subject));
    }

    [ClientFact("swaks")]
    public async Task Swaks_submits_with_PLAIN_and_LOGIN()
    {
        foreach (var mechanism in new[] { "PLAIN", "LOGIN" })
        {
            await RunAsync("swaks", ["--server", "127.0.0.1", "--port", Submission, "--tls", "--auth", mechanism, "--auth-user", User, "--auth-password", ServerProcess.Password, "--from", User, "--to", User, "--header", "Subject: " + Subject]);
        }

        await RunAsync("swaks", ["--server", "127.0.0.1", "--port", Submissions, "--tls-on-connect", "--auth", "PLAIN", "--auth-user", User, "--auth-password", ServerProcess.Password, "--from", User, "--to", User, "--header", "Subject: " + Subject]);
        Assert.Equal(3, Server.FilesWith(Subject).Count);
    }

    [ClientFact("msmtp")]
    public async Task Msmtp_submits_on_both_ports()
    {
        var (certificate, _) = await Server.CertificateAsync(Home);
        var configuration = Configure("msmtprc", $"""
            defaults
            host localhost
            auth on
            user {User}
            password "{ServerProcess.Password}"
            from {User}
            tls on
            tls_trust_file {certificate}

            account starttls
            port {Submission}
            tls_starttls on

            account implicit
            port {Submissions}
            tls_starttls off
            """);
        var letter = TestMail.Text(User, Subject, from: User);
        foreach (var account in new[] { "starttls", "implicit" })
        {
            await RunAsync("msmtp", ["-C", configuration, "-a", account, User], letter);
        }

        Assert.Equal(2, Server.FilesWith(Subject).Count);
    }

    [ClientFact("curl")]
    public async Task Curl_submits_over_smtps()
    {
        var letter = Path.Combine(Home, "letter.eml");
        await File.WriteAllTextAsync(letter, TestMail.Text(User, Subject, from: User));
        await RunAsync("curl", ["-sSk", "--url", $"smtps://127.0.0.1:{Submissions}", "--user", $"{User}:{ServerProcess.Password}", "--mail-from", User, "--mail-rcpt", User, "--upload-file", letter]);
        Assert.Single(Server.FilesWith(Subject));
    }
}
