using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.ExternalClients;

/// <summary>External programs that manage scripts: sieve-connect, and the libraries of Roundcube (Net_Sieve, PHP) and of Modoboa (sievelib, Python).</summary>
public sealed class ScriptClientTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const string Script = "require [\"fileinto\"];\n# Grüße\nfileinto \"Archive\";\n";

    [ClientTheory("sieve-connect")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Sieve_connect_uploads_activates_lists_downloads_and_deletes(string mechanism)
    {
        var (authority, _) = await Server.CertificateAsync(Home);
        var file = Configure("main.sieve", Script);
        Task<ProgramRun> SieveAsync(params string[] action) => RunAsync(
            "sieve-connect", ["--server", "localhost", "--nosrv", "--port", ManageSieve, "--user", User, "--passwordfd", "0", "--authmech", mechanism, "--tlscafile", authority, "--notlsverify", .. action], ServerProcess.Password + "\n");
        await SieveAsync("--localsieve", file, "--remotesieve", "main", "--upload");
        await SieveAsync("--remotesieve", "main", "--activate");
        Assert.Contains("\"main\" ACTIVE", (await SieveAsync("--list")).Output, StringComparison.Ordinal);
        await SieveAsync("--localsieve", Path.Combine(Home, "back"), "--remotesieve", "main", "--download");
        Assert.Equal(Script, await File.ReadAllTextAsync(Path.Combine(Home, "back")));
        await DeliversToArchiveAsync();
        await SieveAsync("--deactivate");
        await SieveAsync("--remotesieve", "main", "--delete");
        Assert.DoesNotContain("main", (await SieveAsync("--list")).Output, StringComparison.Ordinal);
    }

    [ClientFact("/usr/bin/python3", "/usr/lib/python3/dist-packages/sievelib/managesieve.py")]
    public async Task Sievelib_manages_scripts()
    {
        var program = Configure("sieve.py", $$"""
            from sievelib.managesieve import Client
            for mechanism in ("PLAIN", "LOGIN"):
                c = Client("localhost", {{ManageSieve}})
                assert c.connect("{{User}}", "{{ServerProcess.Password}}", starttls=True, authmech=mechanism), c.errmsg
                assert c.havespace("main", 100)
                assert c.putscript("main", {{Quoted(Script)}}), c.errmsg
                assert not c.putscript("bad", "nonsense;"), "refused"
                assert b"line 1" in c.errmsg, c.errmsg
                assert c.checkscript({{Quoted(Script)}}), c.errmsg
                assert c.setactive("main"), c.errmsg
                active, others = c.listscripts()
                assert (active, others) == ("main", []), (active, others)
                assert c.getscript("main") == {{Quoted(Script)}}, c.getscript("main")
                assert c.putscript("old", "keep;") and c.renamescript("old", "new"), c.errmsg
                assert not c.deletescript("main"), "active"
                assert c.deletescript("new"), c.errmsg
                assert "fileinto" in c.get_sieve_capabilities()
                c.logout()
            print("done")
            """);
        Assert.Contains("done", (await RunAsync("/usr/bin/python3", [program])).Output, StringComparison.Ordinal);
        await DeliversToArchiveAsync();
    }

    [ClientFact("php", "/usr/share/php/Net/Sieve.php")]
    public async Task Net_Sieve_of_Roundcube_manages_scripts()
    {
        var program = Configure("sieve.php", $$"""
            <?php
            require 'Net/Sieve.php';
            function check($result) { if ($result instanceof PEAR_Error) { echo $result->getMessage(); exit(1); } return $result; }
            foreach (['PLAIN', 'LOGIN'] as $mechanism) {
                $options = ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false, 'allow_self_signed' => true]];
                $s = new Net_Sieve('{{User}}', '{{ServerProcess.Password}}', 'localhost', {{ManageSieve}}, $mechanism, '', false, false, true, $options);
                check($s->getError());
                check($s->haveSpace('main', 100));
                check($s->installScript('main', {{Quoted(Script)}}, true));
                if (!($s->installScript('bad', 'nonsense;') instanceof PEAR_Error)) exit(2);
                if (check($s->listScripts()) !== ['main'] || check($s->getActive()) !== 'main') exit(3);
                if (rtrim(check($s->getScript('main'))) !== rtrim({{Quoted(Script)}})) exit(4);
                if (!$s->hasExtension('vacation')) exit(5);
                check($s->installScript('old', 'keep;'));
                check($s->removeScript('old'));
                check($s->disconnect());
            }
            echo 'done';
            """);
        Assert.Contains("done", (await RunAsync("php", [program])).Output, StringComparison.Ordinal);
        await DeliversToArchiveAsync();
    }

    private async Task DeliversToArchiveAsync()
    {
        await Server.DeliverAsync(TestMail.Text(User, Subject), User);
        using var client = await Server.ImapAsync(User);
        var archive = client.Special(MailKit.SpecialFolder.Archive);
        await archive.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal(Subject, (await archive.GetMessageAsync(archive.Count - 1)).Subject);
    }

    /// <summary>A string that Python and PHP read alike.</summary>
    private static string Quoted(string text) => $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
