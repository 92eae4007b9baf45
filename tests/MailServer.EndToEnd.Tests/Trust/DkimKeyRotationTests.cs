using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Trust;

/// <summary>Rotation of signing keys while the server runs.</summary>
public sealed class DkimKeyRotationTests : IAsyncLifetime
{
    private const string Dkimpy = "/usr/lib/python3/dist-packages/dkim/__init__.py";
    private readonly RemoteMailHosts _world = RemoteMailHosts.Create();
    private ServerProcess? _started;

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _started = await ServerProcess.CreateAsync(_world.Checking());
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
    public async Task The_next_keys_sign_once_published_and_dkimpy_verifies_both_algorithms()
    {
        var far = _world.Host("far.test");
        var user = await Server.AddUserAsync();
        Assert.Equal(["mail"], Selectors((await SendAsync(far, user)).Content));

        var printed = (await Server.CliAsync("dkim", "rotate", Server.Domain)).Succeeded().Output;
        Assert.Equal(["mail"], Selectors((await SendAsync(far, user)).Content));
        var early = await Server.CliAsync("dkim", "activate", Server.Domain, "--when-published");
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("not published; nothing was changed", early.Error, StringComparison.Ordinal);

        _world.Publish(printed);
        var done = (await Server.CliAsync("dkim", "activate", Server.Domain, "--when-published")).Succeeded().Output;
        Assert.Contains("retired mail; leave mail._domainkey.example.test in DNS", done, StringComparison.Ordinal);
        var content = "";
        await Eventually.BecomesTrueAsync(async () => !Selectors(content = (await SendAsync(far, user)).Content).Contains("mail"), "the server follows");
        Assert.Equal(2, Selectors(content).Count);
        Assert.Equal("[True, True]", await _world.DkimpyAsync(content, "[dkim.DKIM(m).verify(idx=i, dnsfunc=txt) for i in (0, 1)]"));
        Assert.Contains("a=ed25519-sha256", content, StringComparison.Ordinal);
        Assert.Contains("a=rsa-sha256", content, StringComparison.Ordinal);

        var list = (await Server.CliAsync("dkim", "list", Server.Domain, "--check", "--json")).Succeeded().Output;
        Assert.Equal(2, list.Split("\"active\"").Length - 1);
        Assert.Contains("\"retired\"", list, StringComparison.Ordinal);
        Assert.Equal(3, list.Split("\"yes\"").Length - 1);
    }

    [ClientFact(Dkimpy)]
    public async Task A_header_field_added_in_transit_breaks_the_signature()
    {
        var content = (await SendAsync(_world.Host("far.test"), await Server.AddUserAsync())).Content;
        Assert.Equal("True", await _world.DkimpyAsync(content, "dkim.verify(m, dnsfunc=txt)"));
        foreach (var field in (string[])["From: boss@bank.test", "Subject: other", "To: all@bank.test", "Date: Mon, 1 Jan 2024 00:00:00 +0000"])
            Assert.Equal("False", await _world.DkimpyAsync(field + "\r\n" + content, "dkim.verify(m, dnsfunc=txt)"));
        Assert.Equal("True", await _world.DkimpyAsync("X-Other: harmless\r\n" + content, "dkim.verify(m, dnsfunc=txt)"));
    }

    [ClientFact("opendkim")]
    public async Task Opendkim_verifies_it_too()
    {
        var content = (await SendAsync(_world.Host("far.test"), await Server.AddUserAsync())).Content;
        var printed = (await Server.CliAsync("dkim", "dns", "--domain", Server.Domain)).Succeeded().Output;
        var record = string.Concat(printed.Split('"').Where((_, i) => i % 2 == 1));
        var (message, keys, configuration) = (Path.Combine(Server.Folder, "signed.eml"), Path.Combine(Server.Folder, "keys.txt"), Path.Combine(Server.Folder, "opendkim.conf"));
        await File.WriteAllTextAsync(message, content.ReplaceLineEndings("\n"));
        await File.WriteAllTextAsync(keys, $"mail._domainkey.{Server.Domain} {record}\n");
        await File.WriteAllTextAsync(configuration, $"Mode v\nTestDNSData file:{keys}\nTestPublicKeys {keys}\n");
        var run = await ProgramRun.StartAsync("opendkim", ["-x", configuration, "-t", message, "-vv"]);
        Assert.Contains("verification (s=mail, d=example.test", run.Everything, StringComparison.Ordinal);
        Assert.Contains("succeeded", run.Everything, StringComparison.Ordinal);
    }

    private async Task<SunkMessage> SendAsync(SmtpReceiver far, string user)
    {
        var subject = await RemoteMailHosts.SubmitAsync(Server, user, "a@far.test");
        await Eventually.BecomesTrueAsync(() => far.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "the other host gets the message");
        return far.Messages.Single(m => m.Content.Contains(subject, StringComparison.Ordinal));
    }

    private static List<string> Selectors(string content) =>
        [.. content.Split("DKIM-Signature:").Skip(1).Select(s => s[(s.IndexOf("s=", StringComparison.Ordinal) + 2)..]).Select(s => s[..s.IndexOf(';', StringComparison.Ordinal)])];
}
