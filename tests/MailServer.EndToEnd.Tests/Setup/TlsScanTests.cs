using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>Results of a TLS scanner for each port.</summary>
[Collection(SharedClientServerCollection.Name)]
public sealed class TlsScanTests(SharedServer shared)
{
    [ClientFact("sslscan")]
    public async Task No_port_accepts_an_old_protocol_or_a_weak_cipher()
    {
        var ports = shared.Server.Ports;
        (int Port, string? StartTls)[] all = [(ports.Imaps, null), (ports.Submissions, null), (ports.Dav, null), (ports.Imap, "--starttls-imap"), (ports.Smtp, "--starttls-smtp"), (ports.Submission, "--starttls-smtp")];
        foreach (var (port, startTls) in all)
        {
            string[] arguments = ["--no-colour", "--no-check-certificate", .. startTls is null ? Array.Empty<string>() : [startTls], $"127.0.0.1:{port}"];
            var scan = (await ProgramRun.StartAsync("sslscan", arguments, timeout: TimeSpan.FromMinutes(3))).Succeeded().Output;
            var words = scan.Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
            Assert.All(["SSLv2 disabled", "SSLv3 disabled", "TLSv1.0 disabled", "TLSv1.1 disabled", "TLSv1.2 enabled", "TLSv1.3 enabled"], w => Assert.Contains(w, words));
            Assert.DoesNotContain(words, w => w.StartsWith("Accepted ", StringComparison.Ordinal) && new[] { "RC4", "DES", "NULL", "EXP", "MD5", "anon", " 40 bits", " 56 bits" }.Any(weak => w.Contains(weak, StringComparison.Ordinal)));
            Assert.DoesNotContain("Compression enabled", scan, StringComparison.Ordinal);
            Assert.DoesNotContain("vulnerable to heartbleed", scan.Replace("not vulnerable to heartbleed", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }
}
