using MailServer.EndToEnd.Tests.Server;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>A recipient domain cannot make the server connect to itself or to its own network.</summary>
public sealed class PrivateHostsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RemoteMailHosts _world = RemoteMailHosts.Create();
    private ServerProcess? _started;

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync() => _started = await ServerProcess.CreateAsync(_world.Settings(privateHosts: false));

    public async Task DisposeAsync()
    {
        if (_started is not null) await _started.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Mail_to_non_public_hosts_bounces_without_a_connection()
    {
        var host = _world.Host("loopback.test");
        _world.Dns.Mx("number.test", 10, "127.0.0.2").Mx("decimal.test", 10, "2130706434").Mx("localhost.test", 10, "localhost").Address("implicit.test", "127.0.0.2");
        _world.Dns.Mx("linklocal.test", 10, "mx.linklocal.test").Address("mx.linklocal.test", "169.254.169.254").Mx("private.test", 10, "mx.private.test").Address("mx.private.test", "10.255.255.1");
        var user = await Server.AddUserAsync();
        await Server.StartAsync();
        Dictionary<string, string> expected = new()
        {
            ["a@[127.0.0.2]"] = "5.1.2",
            ["a@[IPv6:::1]"] = "5.1.2",
            ["a@[IPv6:::ffff:127.0.0.2]"] = "5.1.2",
            ["a@[0.0.0.0]"] = "5.1.2",
            ["a@loopback.test"] = "5.4.4",
            ["a@number.test"] = "5.4.4",
            ["a@decimal.test"] = "5.4.4",
            ["a@localhost.test"] = "5.4.4",
            ["a@implicit.test"] = "5.4.4",
            ["a@linklocal.test"] = "5.4.4",
            ["a@private.test"] = "5.4.4",
        };
        foreach (var recipient in expected.Keys) await RemoteMailHosts.SubmitAsync(Server, user, recipient);
        foreach (var (recipient, status) in expected)
        {
            IReadOnlyList<string> Find() => Server.FilesWith("Final-Recipient: rfc822; " + recipient.ToLowerInvariant());
            await Eventually.BecomesTrueAsync(() => Find().Count > 0, recipient + " comes back", Patience);
            var report = Assert.IsType<MultipartReport>((await MimeMessage.LoadAsync(Assert.Single(Find()))).Body);
            Assert.Equal((recipient, status), (recipient, Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups[1]["Status"]));
        }

        Assert.Equal(0, host.Connections);
    }

    [Fact]
    public async Task A_configured_route_may_lead_to_any_address()
    {
        var host = _world.Host("routed.test");
        File.WriteAllText(Server.ConfigFile, File.ReadAllText(Server.ConfigFile).Replace("delivery:\n", $"delivery:\n  routes:\n    - {{domain: routed.test, host: \"127.0.0.2:{_world.Port}\"}}\n", StringComparison.Ordinal));
        var user = await Server.AddUserAsync();
        await Server.StartAsync();
        var subject = await RemoteMailHosts.SubmitAsync(Server, user, "a@routed.test");
        await Eventually.BecomesTrueAsync(() => host.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "it arrives", Patience);
    }
}
