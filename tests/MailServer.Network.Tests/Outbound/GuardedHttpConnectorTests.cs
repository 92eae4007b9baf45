using System.Net;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Network.MtaSts;
using MailServer.Network.Outbound;
using MailServer.Network.Push;

namespace MailServer.Network.Tests.Outbound;

public sealed class GuardedHttpConnectorTests
{
    [Theory]
    [InlineData("https://named.test:{0}/")]
    [InlineData("https://127.0.0.1:{0}/")]
    [InlineData("https://127.1:{0}/")]
    [InlineData("https://0x7f000001:{0}/")]
    [InlineData("https://2130706433:{0}/")]
    [InlineData("https://[::1]:{0}/")]
    [InlineData("https://[::ffff:127.0.0.1]:{0}/")]
    public async Task No_client_for_external_hosts_connects_to_this_machine_in_any_spelling(string url)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        var target = new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, ((IPEndPoint)listener.LocalEndpoint).Port));
        var resolver = new StaticResolver([IPAddress.Loopback, IPAddress.IPv6Loopback]);
        var own = new OwnAddresses(resolver, [], TimeProvider.System);

        using var push = new WebPushSender(resolver, own, allowPrivate: false);
        Assert.Equal(PushOutcome.Refused, await push.SendAsync(target, new byte[1], "vapid", "topic", default));
        using var upload = new HttpsUploader(resolver, Limits.Default, new AddressRule(own, allowPrivate: false));
        Assert.Contains("no public address", await upload.PostAsync(target, "text/plain", new byte[1], default), StringComparison.Ordinal);
        using var fetcher = new PolicyFetcher(resolver, Limits.Default, new AddressRule(own, allowPrivate: false), port: target.Port);
        Assert.Contains("no public address", (await fetcher.FetchAsync(target.Host.Trim('[', ']').Contains(':', StringComparison.Ordinal) ? "named.test" : target.Host, default)).Detail, StringComparison.Ordinal);

        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_name_that_resolves_to_the_own_public_address_is_refused_by_each_client()
    {
        IPAddress[] mine = [IPAddress.Parse("198.41.0.4"), IPAddress.Parse("2606:4700::6812:1")];
        var resolver = new StaticResolver(mine);
        var own = new OwnAddresses(resolver, ["mail.example.org"], TimeProvider.System);
        using var push = new WebPushSender(resolver, own, allowPrivate: true);
        Assert.Equal(PushOutcome.Refused, await push.SendAsync(new Uri("https://push.test/x"), new byte[1], "vapid", "topic", default));
        using var upload = new HttpsUploader(resolver, Limits.Default, new AddressRule(own, allowPrivate: true));
        Assert.Contains("no public address", await upload.PostAsync(new Uri("https://reports.test/"), "text/plain", new byte[1], default), StringComparison.Ordinal);
        using var fetcher = new PolicyFetcher(resolver, Limits.Default, new AddressRule(own, allowPrivate: true));
        Assert.Contains("no public address", (await fetcher.FetchAsync("other.test", default)).Detail, StringComparison.Ordinal);
    }

    private sealed class StaticResolver(IPAddress[] addresses) : IResolver
    {
        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult<DnsAnswer<IPAddress>>(new DnsAnswer<IPAddress>.RecordsFound(IPAddress.TryParse(host, out var literal) ? [literal] : addresses));
    }
}
