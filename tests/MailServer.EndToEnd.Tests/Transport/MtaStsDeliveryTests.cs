using System.Globalization;
using System.Net;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;
using MailServer.Network.Tests.MtaSts;

namespace MailServer.EndToEnd.Tests.Transport;

/// <summary>Mail to domains with an MTA-STS policy served by an HTTPS server on loopback; and our own policy.</summary>
public sealed class MtaStsDeliveryTests : IAsyncLifetime
{
    private readonly SecureTransportTestBed _world = new();
    private readonly FakeDnsServer _dns = new();
    private FakePolicyHost? _policies;
    private ServerProcess? _server;
    private string _user = "";

    private ServerProcess Server => _server ?? throw new InvalidOperationException("not started");

    private FakePolicyHost Policies => _policies ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _policies = FakePolicyHost.Start(_world.Authority.Issue("mta-sts.sts.test"), _world.Authority.Chain);
        _server = await ServerProcess.CreateAsync(_world.Settings(_dns.EndPoint, $"mta_sts_port: {_policies.Port.ToString(CultureInfo.InvariantCulture)}"));
        _user = await Server.AddUserAsync();
        _dns.Address("mta-sts.sts.test", "127.0.0.1").Mx("sts.test", 10, "mx.sts.test").Address("mx.sts.test", "127.0.0.2");
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_policies is not null)
        {
            await _policies.DisposeAsync();
        }

        await _world.DisposeAsync();
        _dns.Dispose();
    }

    [Fact]
    public async Task Under_an_enforced_policy_mail_waits_until_the_host_has_a_valid_certificate_and_the_policy_survives_a_restart()
    {
        Publish("enforce", "mx.sts.test");
        var host = _world.Host("127.0.0.2", certificate: null);
        await Server.StartAsync();
        await SecureTransportTestBed.SendAsync(Server, _user, false, "a@sts.test");
        Assert.Contains("4.7.5 MTA-STS: mx.sts.test does not offer TLS", await SecureTransportTestBed.WaitsAsync(Server, "a@sts.test"), StringComparison.Ordinal);

        // An attacker who suppresses the record and the policy now is too late.
        _dns.Remove("_mta-sts.sts.test").Remove("mta-sts.sts.test");
        host.Certificate = _world.Authority.Issue("elsewhere.test");
        await Server.RestartAsync();
        await Eventually.BecomesTrueAsync(async () =>
            (await SecureTransportTestBed.WaitsAsync(Server, "a@sts.test")).Contains("is not for mx.sts.test", StringComparison.Ordinal), "the certificate is refused");
        Assert.Empty(host.Messages);

        host.Certificate = _world.Authority.Issue("mx.sts.test");
        await SecureTransportTestBed.ArrivesAsync(host);
        Assert.True(Assert.Single(host.Messages).UnderTls);
        var shown = (await Server.CliAsync("mta-sts", "show", "sts.test")).Succeeded().Output;
        Assert.Contains("cached by the server: id 1, mode enforce", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_outside_an_enforced_policy_is_not_contacted()
    {
        Publish("enforce", "*.other.test");
        var host = _world.Host("127.0.0.2", _world.Authority.Issue("mx.sts.test"));
        await Server.StartAsync();
        await SecureTransportTestBed.SendAsync(Server, _user, false, "a@sts.test");
        Assert.Contains("4.7.5 The MTA-STS policy of sts.test does not name mx.sts.test", await SecureTransportTestBed.WaitsAsync(Server, "a@sts.test"), StringComparison.Ordinal);
        Assert.Equal(0, host.Connections);
        var shown = (await Server.CliAsync("mta-sts", "show", "sts.test")).Succeeded().Output;
        Assert.Contains("_mta-sts.sts.test: id 1", shown, StringComparison.Ordinal);
        Assert.Contains("mail server mx.sts.test: not allowed", shown, StringComparison.Ordinal);
        Assert.Contains("result: enforce", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("testing", true)]
    [InlineData("none", true)]
    [InlineData("enforce", false)]
    public async Task A_testing_or_unavailable_policy_delays_no_mail(string mode, bool served)
    {
        Publish(mode, "*.other.test");
        if (!served)
        {
            Policies.Answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
        }

        var host = _world.Host("127.0.0.2", _world.Authority.Issue("elsewhere.test"));
        await Server.StartAsync();
        await SecureTransportTestBed.SendAsync(Server, _user, false, "a@sts.test");
        await SecureTransportTestBed.ArrivesAsync(host);
        Assert.True(Assert.Single(host.Messages).UnderTls);
        Assert.True(Policies.Requests > 0);
    }

    [Fact]
    public async Task A_message_with_REQUIRETLS_goes_only_to_an_authenticated_host_that_supports_it_or_bounces()
    {
        Publish("testing", "mx.sts.test");
        var host = _world.Host("127.0.0.2", _world.Authority.Issue("mx.sts.test"), requireTls: true);
        _dns.Mx("plain.test", 10, "mx.plain.test").Address("mx.plain.test", "127.0.0.3");
        var uncertain = _world.Host("127.0.0.3", _world.Authority.Issue("mx.plain.test"), requireTls: true);
        await Server.StartAsync();
        await SecureTransportTestBed.SendAsync(Server, _user, true, "a@sts.test", "b@plain.test");
        await SecureTransportTestBed.ArrivesAsync(host);
        Assert.Contains(" REQUIRETLS", Assert.Single(host.Messages).Mail, StringComparison.Ordinal);
        await ComesBackAsync("b@plain.test");
        Assert.Empty(uncertain.Messages);

        host.OffersRequireTls = false;
        // The connection of the first message is kept for a moment, and was told that REQUIRETLS is supported.
        await Server.RestartAsync();
        await SecureTransportTestBed.SendAsync(Server, _user, true, "c@sts.test");
        await ComesBackAsync("c@sts.test");
        host.Certificate = _world.Authority.Issue("elsewhere.test");
        host.OffersRequireTls = true;
        await Server.RestartAsync();
        await SecureTransportTestBed.SendAsync(Server, _user, true, "d@sts.test");
        await ComesBackAsync("d@sts.test");
        Assert.Single(host.Messages);
    }

    [Fact]
    public async Task Our_own_policy_is_served_for_our_domains_only()
    {
        await Server.StartAsync();
        Assert.Contains("mode: testing\r\nmx: mail.example.test\r\n", await OwnPolicyAsync("mta-sts.example.test"), StringComparison.Ordinal);
        (await Server.CliAsync("domain", "add", "own.test")).Succeeded();
        (await Server.CliAsync("domain", "mta-sts", "own.test", "enforce")).Succeeded();
        Assert.Contains("mode: enforce\r\n", await OwnPolicyAsync("mta-sts.own.test"), StringComparison.Ordinal);
        Assert.Contains("mode: testing\r\n", await OwnPolicyAsync("mta-sts.example.test"), StringComparison.Ordinal);
        foreach (var host in (string[])["mta-sts.elsewhere.test", "example.test", "localhost"])
        {
            Assert.Null(await OwnPolicyAsync(host));
        }
    }

    private async Task<string?> OwnPolicyAsync(string host)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(Uri.UriSchemeHttps, "127.0.0.1", Server.Ports.Dav, "/.well-known/mta-sts.txt").Uri);
        request.Headers.Host = host;
        using var answer = await http.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        return await answer.Content.ReadAsStringAsync();
    }

    private void Publish(string mode, string mx)
    {
        _dns.Text("_mta-sts.sts.test", "v=STSv1; id=1;");
        Policies.Answer = FakePolicyHost.Ok($"version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 86400\n");
    }

    private Task ComesBackAsync(string recipient) => Eventually.BecomesTrueAsync(
        () => Server.FilesWith("Final-Recipient: rfc822; " + recipient).Any(f => File.ReadAllText(f).Contains("5.7.30", StringComparison.Ordinal)), $"the notice about {recipient} arrives", TimeSpan.FromSeconds(20));
}
