using System.Net;
using System.Net.NetworkInformation;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Network.MtaSts;
using MailServer.Network.Outbound;
using MailServer.Network.Push;

namespace MailServer.Network.Tests.Outbound;

public sealed class AddressPolicyTests
{
    /// <summary>The first and the last address of each reserved block, and their neighbours outside.</summary>
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.255.255.255", false)]
    [InlineData("1.0.0.0", true)]
    [InlineData("9.255.255.255", true)]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("11.0.0.0", true)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.64.0.0", false)]
    [InlineData("100.127.255.255", false)]
    [InlineData("100.128.0.0", true)]
    [InlineData("126.255.255.255", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.255", false)]
    [InlineData("128.0.0.0", true)]
    [InlineData("169.253.255.255", true)]
    [InlineData("169.254.169.254", false)]
    [InlineData("169.255.0.0", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.16.0.0", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.0", true)]
    [InlineData("192.0.0.8", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("192.167.255.255", true)]
    [InlineData("192.168.0.0", false)]
    [InlineData("192.168.255.255", false)]
    [InlineData("192.169.0.0", true)]
    [InlineData("198.17.255.255", true)]
    [InlineData("198.18.0.0", false)]
    [InlineData("198.19.255.255", false)]
    [InlineData("198.20.0.0", true)]
    [InlineData("223.255.255.255", true)]
    [InlineData("224.0.0.0", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2001:4860::1", true)]
    [InlineData("2606:4700::1", true)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("64:ff9b:1::1", false)]
    [InlineData("100::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:1ff::1", false)]
    [InlineData("2001:200::1", true)]
    [InlineData("2002:7f00:1::1", false)]
    [InlineData("2002:808:808::1", true)]
    [InlineData("4000::1", false)]
    [InlineData("5f00::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void Reserved_addresses_are_refused_up_to_the_edges_of_their_blocks(string address, bool isPublic)
    {
        Assert.Equal(isPublic, AddressPolicy.IsPublic(IPAddress.Parse(address)));
        Assert.Equal(isPublic, AddressPolicy.PublicOnly.Allows(IPAddress.Parse(address)));
        Assert.True(AddressPolicy.Any.Allows(IPAddress.Parse(address)));
    }

    [Fact]
    public void Every_address_of_this_machine_is_refused()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).ToList();
        Assert.NotEmpty(own);
        Assert.All(own, address => Assert.False(AddressPolicy.PublicOnly.Allows(address)));
    }

    [Theory]
    [InlineData("8.8.4.4", "8.8.4.4")]
    [InlineData("8.8.4.4", "::ffff:8.8.4.4")]
    [InlineData("8.8.4.4", "64:ff9b::808:404")]
    [InlineData("2606:4700::1", "2606:4700::1")]
    public void A_public_address_of_this_machine_is_refused_in_each_of_its_forms(string own, string asked)
    {
        var policy = new AddressPolicy(() => [IPAddress.Parse(own)]);
        Assert.False(policy.Allows(IPAddress.Parse(asked)));
        Assert.True(policy.Allows(IPAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public void Of_several_addresses_the_allowed_ones_are_left_in_their_order()
    {
        string[] mixed = ["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1", "127.0.0.1"];
        Assert.Equal(["8.8.8.8", "2606:4700::1"], AddressPolicy.PublicOnly.Filter(mixed.Select(IPAddress.Parse)).Select(a => a.ToString()));
    }

    [Theory]
    [InlineData("https://named.test:{0}/")]
    [InlineData("https://127.0.0.1:{0}/")]
    [InlineData("https://127.1:{0}/")]
    [InlineData("https://0x7f000001:{0}/")]
    [InlineData("https://2130706433:{0}/")]
    [InlineData("https://[::1]:{0}/")]
    [InlineData("https://[::ffff:127.0.0.1]:{0}/")]
    public async Task No_client_for_hosts_of_strangers_connects_to_this_machine_however_it_is_spelt(string url)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        var target = new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, ((IPEndPoint)listener.LocalEndpoint).Port));
        var resolver = new Loopback();

        using var push = new WebPushSender(resolver, allowPrivate: false);
        Assert.Equal(PushOutcome.Refused, await push.SendAsync(target, new byte[1], "vapid", "topic", default));
        using var upload = new HttpsUpload(resolver, Limits.Default, AddressPolicy.PublicOnly);
        Assert.Contains("no public address", await upload.PostAsync(target, "text/plain", new byte[1], default), StringComparison.Ordinal);
        using var fetcher = new PolicyFetcher(resolver, Limits.Default, AddressPolicy.PublicOnly, port: target.Port);
        Assert.Contains("no public address", (await fetcher.FetchAsync(target.Host.Trim('[', ']').Contains(':', StringComparison.Ordinal) ? "named.test" : target.Host, default)).Detail, StringComparison.Ordinal);

        Assert.False(listener.Pending());
    }

    private sealed class Loopback : IResolver
    {
        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult<DnsAnswer<IPAddress>>(new DnsAnswer<IPAddress>.Found(IPAddress.TryParse(host, out var literal) ? [literal] : [IPAddress.Loopback, IPAddress.IPv6Loopback]));
    }
}
