using System.Diagnostics;
using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;
using MailKit.Net.Smtp;

namespace MailServer.EndToEnd.Tests.Trust;

/// <summary>Block lists, greylisting, delays and rate limits for incoming and outgoing mail.</summary>
public sealed class InboundFilteringTests : IAsyncLifetime
{
    private readonly RemoteMailHosts _world = RemoteMailHosts.Create();
    private ServerProcess? _started;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }

        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_listed_host_is_refused_for_each_recipient_except_postmaster()
    {
        var (server, user) = await StartAsync("dnsbl: [clean.test, bl.test]");
        _world.Dns.Address("1.0.0.127.bl.test", "127.0.0.2").Text("1.0.0.127.bl.test", "known for spam");
        Assert.Equal("554 5.7.1 127.0.0.1 is listed by bl.test: known for spam", await server.ReceiveAsync("a@far.test", user, "x\r\n"));
        (await server.CliAsync("alias", "add", $"postmaster@{server.Domain}", user)).Succeeded();
        Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", $"postmaster@{server.Domain}", TestMail.Text(user, "help")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_of_a_listed_host_goes_to_junk_if_configured()
    {
        var (server, user) = await StartAsync("dnsbl: bl.test", "dnsbl_action: junk");
        _world.Dns.Address("1.0.0.127.bl.test", "127.0.0.2");
        var subject = TestMail.NewSubject();
        Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, subject)), StringComparison.Ordinal);
        var file = Assert.Single(server.FilesWith(subject));
        Assert.Contains("/Junk/", file, StringComparison.Ordinal);
        Assert.Contains("X-Quarantine-Reason: listed by bl.test\r\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_list_that_refuses_queries_lists_no_address_and_is_logged()
    {
        var (server, user) = await StartAsync("dnsbl: bl.test");
        _world.Dns.Address("1.0.0.127.bl.test", "127.255.255.254");
        Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")), StringComparison.Ordinal);
        Assert.Contains("refuses our queries", await File.ReadAllTextAsync(Path.Combine(server.Folder, "server.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_greylisted_sender_passes_later_even_after_a_kill()
    {
        var (server, user) = await StartAsync("greylist: true", "greylist_delay: 2s");
        Assert.StartsWith("451 4.7.1 Greylisted: try again in", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")), StringComparison.Ordinal);
        await server.KillAsync();
        await server.StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_contact_is_delayed()
    {
        var (server, user) = await StartAsync("first_contact_delay: 2s");
        var watch = Stopwatch.StartNew();
        Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")), StringComparison.Ordinal);
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(1.9), watch.Elapsed.ToString());
        watch.Restart();
        Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1.9), watch.Elapsed.ToString());
    }

    [Fact]
    public async Task The_sending_limit_of_an_account_holds_even_after_a_kill()
    {
        var (server, user) = await StartAsync("max_outgoing_per_day: 2");
        var far = _world.Host("far.test");
        var neighbour = await server.AddUserAsync();
        await RemoteMailHosts.SubmitAsync(server, user, "a@far.test");
        await server.KillAsync();
        await server.StartAsync();
        await RemoteMailHosts.SubmitAsync(server, user, "b@far.test", neighbour);
        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => RemoteMailHosts.SubmitAsync(server, user, "c@far.test"));
        Assert.Equal(450, (int)refused.StatusCode);
        Assert.Contains("2 recipients a day", refused.Message, StringComparison.Ordinal);
        await RemoteMailHosts.SubmitAsync(server, user, neighbour);
        await far.TakenAsync(2);
        Assert.Equal(2, far.Messages.Count);
    }

    [Fact]
    public async Task The_message_limit_of_a_network_holds()
    {
        var (server, user) = await StartAsync(string.Create(CultureInfo.InvariantCulture, $"max_incoming_per_network: {2}"));
        for (var i = 0; i < 2; i++) Assert.StartsWith("250", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")), StringComparison.Ordinal);
        Assert.Equal("450 4.7.1 Too much mail from your network, try again later", await server.ReceiveAsync("a@far.test", user, TestMail.Text(user, "x")));
    }

    private async Task<(ServerProcess Server, string User)> StartAsync(params string[] security)
    {
        _started = await ServerProcess.CreateAsync(_world.Checking(security));
        var user = await _started.AddUserAsync();
        await _started.StartAsync();
        return (_started, user);
    }
}
