using System.Net;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Network.Tests.Outbound;

public sealed class OwnAddressesTests
{
    private static readonly IPAddress Outside = IPAddress.Parse("198.41.0.4");

    private readonly FakeTimeProvider _time = new();
    private readonly CountingResolver _names = new() { Answer = new DnsAnswer<IPAddress>.RecordsFound([Outside]) };

    [Fact]
    public async Task Own_addresses_are_those_of_the_interfaces_and_of_the_host_names()
    {
        var own = await Open().GetAsync(CancellationToken.None);
        Assert.Contains(IPAddress.Loopback, own);
        Assert.Contains(Outside, own);
    }

    [Fact]
    public async Task The_last_answer_applies_while_DNS_fails_and_until_it_changes()
    {
        var addresses = Open();
        await addresses.GetAsync(CancellationToken.None);
        _names.Answer = new DnsAnswer<IPAddress>.TemporaryFailure("no answer");
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains(Outside, await addresses.GetAsync(CancellationToken.None));
        _names.Answer = new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Parse("192.33.4.12")]);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(Outside, await addresses.GetAsync(CancellationToken.None));
        Assert.Equal(3, _names.Asked);
    }

    [Fact]
    public async Task DNS_is_queried_once_a_minute()
    {
        var addresses = Open();
        for (var i = 0; i < 5; i++) await addresses.GetAsync(CancellationToken.None);
        Assert.Equal(1, _names.Asked);
    }

    private OwnAddresses Open() => new(_names, ["mail.example.org"], _time);

    private sealed class CountingResolver : IResolver
    {
        public required DnsAnswer<IPAddress> Answer { get; set; }

        public int Asked { get; private set; }

        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(Answer);
        }
    }
}
