using System.Globalization;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>Envelope options of submissions, conversion for hosts with fewer extensions, and sign-in at a smarthost.</summary>
public sealed class EnvelopeOptionsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RemoteMailHosts _world = RemoteMailHosts.Create();
    private ServerProcess? _started;
    private string _user = "";

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _started = await ServerProcess.CreateAsync(_world.Settings());
        _user = await Server.AddUserAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }

        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_submission_with_a_hold_time_is_not_delivered_before_it()
    {
        var host = _world.Host("far.test");
        var other = await Server.AddUserAsync();
        await Server.StartAsync();
        var due = DateTimeOffset.UtcNow.AddSeconds(5);
        var subject = await SubmitAsync("HOLDFOR=5", "a@far.test", other);
        var row = (await Server.CliAsync("queue", "list")).Succeeded().Output;
        Assert.Contains("a@far.test", row, StringComparison.Ordinal);
        var early = host.Messages.Count + Server.FilesWith(subject).Count;
        // A machine that was busy until now proves nothing here.
        if (DateTimeOffset.UtcNow < due) Assert.Equal(0, early);
        await Eventually.BecomesTrueAsync(() => host.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "it arrives", Patience);
        await Eventually.BecomesTrueAsync(() => Server.FilesWith(subject).Count == 1, "it is delivered here", Patience);
        Assert.True(DateTimeOffset.UtcNow >= due);
    }

    [Fact]
    public async Task A_submission_past_its_deadline_bounces_in_time()
    {
        _world.Host("later.test", ReceiverBehavior.Defers);
        await Server.StartAsync();
        await SubmitAsync("BY=2;R", "a@later.test");
        await Eventually.BecomesTrueAsync(() => Server.FilesWith("a@later.test").Any(f => File.ReadAllText(f).Contains("5.3.3", StringComparison.Ordinal) || File.ReadAllText(f).Contains("5.4.7", StringComparison.Ordinal)), "it comes back", Patience);
    }

    [Fact]
    public async Task A_host_without_8BITMIME_gets_an_equivalent_converted_message()
    {
        var host = _world.Host("old.test", ReceiverBehavior.SevenBit);
        await Server.StartAsync();
        var subject = await SubmitAsync("BODY=8BITMIME", "a@old.test");
        await Eventually.BecomesTrueAsync(() => !host.Messages.IsEmpty, "it arrives", Patience);
        var sunk = host.Messages.Single();
        Assert.True(Ascii.IsValid(sunk.Content));
        var message = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(sunk.Content)));
        Assert.Equal(subject, message.Subject);
        Assert.Equal("Schöne Grüße", message.TextBody!.Trim());
    }

    [Fact]
    public async Task Mail_goes_through_a_smarthost_that_requires_sign_in()
    {
        await using var sink = SmtpSink.Start();
        await using var relay = await ServerProcess.CreateAsync(new ServerSettings { RelayHost = sink.Address });
        // The login equals the sender: the smarthost accepts mail only from its own users.
        (await relay.CliAsync("user", "add", _user, "--password", "for the smarthost")).Succeeded();
        await relay.StartAsync();
        var password = Path.Combine(Server.Folder, "relay.password");
        await File.WriteAllTextAsync(password, "for the smarthost\n");
        var route = string.Create(CultureInfo.InvariantCulture, $"{{domain: '*', host: \"127.0.0.1:{relay.Ports.Submission}\", user: {_user}, password_file: {password}}}");
        File.WriteAllText(Server.ConfigFile, File.ReadAllText(Server.ConfigFile).Replace("delivery:\n", $"delivery:\n  routes:\n    - {route}\n", StringComparison.Ordinal));
        await Server.StartAsync();
        var subject = await SubmitAsync("", "a@far.test");
        await Eventually.BecomesTrueAsync(() => sink.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "it arrives", Patience);
        Assert.Contains("ESMTPSA", sink.Messages.Single().Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deferred_mailbox_gets_the_message_later_and_the_others_get_it_once()
    {
        var good = await Server.AddUserAsync();
        var bad = await Server.AddUserAsync();
        await Server.StartAsync();
        await Server.DeliverAsync(TestMail.Text(bad, "before"), bad);
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Server.FilesWith("before").Single())))!;
        await Server.StopAsync();
        // A file is in the place of the mailbox directory.
        Directory.Move(folder, folder + ".away");
        await File.WriteAllTextAsync(folder, "in the way");
        await Server.StartAsync();
        var subject = TestMail.NewSubject();
        await Server.DeliverAsync(TestMail.Text(good, subject), good, bad);
        Assert.Single(Server.FilesWith(subject));
        File.Delete(folder);
        Directory.Move(folder + ".away", folder);
        var id = (await Server.CliAsync("queue", "list")).Succeeded().Output.Split('\t')[0];
        (await Server.CliAsync("queue", "retry", id)).Succeeded();
        await Eventually.BecomesTrueAsync(() => Server.FilesWith(subject).Count == 2, "the other gets it", TimeSpan.FromSeconds(60));
        Assert.Equal("", (await Server.CliAsync("queue", "list")).Succeeded().Output.Trim());
    }

    private async Task<string> SubmitAsync(string parameters, params string[] recipients)
    {
        var subject = TestMail.NewSubject();
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Submissions, tls: true);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client");
        await wire.SmtpAsync("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{_user}\0{ServerProcess.Password}")));
        Assert.StartsWith("250", await wire.SmtpAsync($"MAIL FROM:<{_user}> {parameters}".Trim()), StringComparison.Ordinal);
        foreach (var recipient in recipients)
        {
            Assert.StartsWith("250", await wire.SmtpAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        }

        await wire.SmtpAsync("DATA");
        await wire.SendAsync(Encoding.UTF8.GetBytes(
            $"From: <{_user}>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSchöne Grüße\r\n.\r\n"));
        Assert.StartsWith("250", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        return subject;
    }
}
