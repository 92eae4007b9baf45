using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.ExternalClients;

/// <summary>External programs that read mail: curl, fetchmail, neomutt, openssl.</summary>
public sealed class ReadingClientTests(SharedServer shared) : ExternalClientTest(shared)
{
    [ClientFact("curl")]
    public async Task Curl_lists_searches_fetches_and_appends_over_imaps()
    {
        var letter = TestMail.Text(User, Subject);
        await Server.DeliverAsync(letter, User);
        Assert.Contains("\"Sent\"", (await CurlAsync("")).Output.Replace(" Sent", " \"Sent\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.EndsWith(letter, (await CurlAsync("INBOX;UID=1")).Output, StringComparison.Ordinal);
        Assert.Contains("* SEARCH 1", (await CurlAsync("INBOX?SUBJECT%20" + Subject)).Output, StringComparison.Ordinal);
        var file = Path.Combine(Home, "draft.eml");
        await File.WriteAllTextAsync(file, TestMail.Text(User, Subject + " draft"));
        await CurlAsync("Drafts", "--upload-file", file);
        Assert.Equal(2, Server.FilesWith(Subject).Count);
    }

    [ClientFact("fetchmail")]
    public async Task Fetchmail_retrieves_and_removes_all_mail()
    {
        await Server.DeliverAsync(TestMail.Text(User, Subject + " one"), User);
        await Server.DeliverAsync(TestMail.Text(User, Subject + " two", ".dots\r\n..\r\n"), User);
        var taken = Path.Combine(Home, "taken.mbox");
        var configuration = Configure("fetchmailrc", $"""
            set no bouncemail
            poll localhost protocol imap port {Imaps}
              user "{User}" password "{ServerProcess.Password}"
              ssl no sslcertck
              fetchall no keep no rewrite
              mda "cat >> {taken}"
            """);
        await RunAsync("fetchmail", ["--nodetach", "--fetchmailrc", configuration, "--pidfile", Path.Combine(Home, "pid"), "--idfile", Path.Combine(Home, "ids")]);
        var text = await File.ReadAllTextAsync(taken);
        Assert.Contains(Subject + " one", text, StringComparison.Ordinal);
        Assert.Contains(Subject + " two", text, StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(() => Server.FilesWith(Subject).Count == 0, "fetchmail has deleted what it took");
    }

    [ClientFact("neomutt", "script")]
    public async Task Neomutt_sends_and_then_reads_and_files_in_batch()
    {
        var (certificate, _) = await Server.CertificateAsync(Home);
        var configuration = Configure("neomuttrc", $"""
            set from = "{User}"
            set realname = "A User"
            set ssl_starttls = yes
            set ssl_force_tls = yes
            set certificate_file = "{certificate}"
            set ssl_verify_host = no
            set imap_user = "{User}"
            set imap_pass = "{ServerProcess.Password}"
            set smtp_url = "smtps://{User.Replace("@", "%40", StringComparison.Ordinal)}@localhost:{Submissions}/"
            set smtp_pass = "{ServerProcess.Password}"
            set folder = "imaps://localhost:{Imaps}/"
            set spoolfile = "+INBOX"
            set record = ""
            set copy = no
            set confirm_append = no
            set delete = yes
            set move = no
            set quit = yes
            set wait_key = no
            set header_cache = ""
            set mail_check = 1
            """);
        await RunAsync("neomutt", ["-n", "-F", configuration, "-s", Subject, "--", User], "Written in neomutt.\n");
        await Eventually.BecomesTrueAsync(() => Server.FilesWith(Subject).Count == 1, "the letter is in INBOX");

        // neomutt reads keys from a terminal; script provides one.
        var command = $"neomutt -n -F {configuration} -e 'push \"<first-entry><flag-message><save-message><kill-line>=Archive<enter><sync-mailbox><quit>\"'";
        await RunAsync("script", ["-qec", command, "/dev/null"], timeout: TimeSpan.FromSeconds(30));
        using var client = await Server.ImapAsync(User);
        var archive = client.Special(MailKit.SpecialFolder.Archive);
        await archive.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal(Subject, (await archive.GetMessageAsync(0)).Subject);
        await client.Inbox.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal(0, client.Inbox.Count);
    }

    [ClientFact("openssl")]
    public async Task Openssl_connects_to_every_encrypted_port()
    {
        const string Session = "a CAPABILITY\nb LOGOUT\n";
        var implicitTls = await OpensslAsync(Imaps, null, Session);
        Assert.Contains("b OK", implicitTls, StringComparison.Ordinal);
        Assert.Contains("b OK", await OpensslAsync(Imap, "imap", Session), StringComparison.Ordinal);
        Assert.Contains("AUTH", await OpensslAsync(Submission, "smtp", "EHLO client.example\nQUIT\n"), StringComparison.Ordinal);
        Assert.Contains("AUTH", await OpensslAsync(Submissions, null, "EHLO client.example\nQUIT\n"), StringComparison.Ordinal);
        Assert.Contains("250", await OpensslAsync(Smtp, "smtp", "EHLO client.example\nQUIT\n"), StringComparison.Ordinal);
    }

    [ClientFact("openssl")]
    public async Task Old_TLS_versions_are_refused()
    {
        var run = await ProgramRun.StartAsync("openssl", ["s_client", "-connect", "127.0.0.1:" + Imaps, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], "");
        Assert.NotEqual(0, run.ExitCode);
    }

    private Task<ProgramRun> CurlAsync(string path, params string[] more) =>
        RunAsync("curl", ["-sSk", "--url", $"imaps://127.0.0.1:{Imaps}/{path}", "--user", $"{User}:{ServerProcess.Password}", .. more]);

    private async Task<string> OpensslAsync(string port, string? startTls, string session)
    {
        string[] upgrade = startTls is null ? [] : ["-starttls", startTls];
        return (await RunAsync("openssl", ["s_client", "-quiet", "-crlf", "-connect", "127.0.0.1:" + port, .. upgrade], session)).Output;
    }
}
