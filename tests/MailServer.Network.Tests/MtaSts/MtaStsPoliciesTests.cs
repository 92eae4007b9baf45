using MailServer.Domain;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Dns;
using MailServer.Network.MtaSts;
using MailServer.Network.Outbound;
using MailServer.Network.Tests.Dns;
using MailServer.Network.Tests.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Network.Tests.MtaSts;

public sealed class MtaStsPoliciesTests : IAsyncLifetime
{
    private static readonly TestAuthority Authority = new();

    private readonly FakeDnsServer _dns = new FakeDnsServer().Address("mta-sts.example.org", "127.0.0.1");
    private readonly FakePolicyHost _host = FakePolicyHost.Start(Authority.Issue("mta-sts.example.org"), Authority.Chain);
    private readonly InMemoryMtaStsCache _cache = new();
    private readonly Clock _clock = new();
    private readonly List<IDisposable> _made = [];

    [Fact]
    public async Task Without_a_record_nothing_is_fetched()
    {
        Assert.Null((await Policies().FindAsync("example.org", CancellationToken.None)).Policy);
        Assert.Equal(0, _host.Requests);
    }

    [Fact]
    public async Task A_policy_is_fetched_once_and_again_when_its_record_changes()
    {
        Publish("1", MtaStsMode.Testing);
        var policies = Policies();
        Assert.Equal(MtaStsMode.Testing, (await policies.FindAsync("example.org", CancellationToken.None)).Policy!.Mode);
        Assert.Equal(MtaStsMode.Testing, (await policies.FindAsync("example.org", CancellationToken.None)).Policy!.Mode);
        Assert.Equal(1, _host.Requests);
        Publish("2", MtaStsMode.Enforce);
        Assert.Equal(MtaStsMode.Enforce, (await Policies().FindAsync("example.org", CancellationToken.None)).Policy!.Mode);
        Assert.Equal("2", _cache.Find("example.org")!.Id);
    }

    [Fact]
    public async Task A_cached_policy_applies_until_it_expires_even_without_record_and_host()
    {
        Publish("1", MtaStsMode.Enforce);
        await Policies().FindAsync("example.org", CancellationToken.None);
        _dns.Remove("_mta-sts.example.org");
        Assert.Equal(MtaStsMode.Enforce, (await Policies().FindAsync("example.org", CancellationToken.None)).Policy!.Mode);
        _dns.Failing("_mta-sts.example.org");
        Assert.Equal(MtaStsMode.Enforce, (await Policies().FindAsync("example.org", CancellationToken.None)).Policy!.Mode);
        _clock.Now += TimeSpan.FromDays(8);
        Assert.Null((await Policies().FindAsync("example.org", CancellationToken.None)).Policy);
    }

    [Fact]
    public async Task A_policy_fetched_by_a_clock_ten_years_ahead_is_fetched_again()
    {
        Publish("1", MtaStsMode.Enforce);
        var now = _clock.Now;
        _clock.Now = now.AddYears(10);
        await Policies().FindAsync("example.org", CancellationToken.None);
        _clock.Now = now;
        Assert.NotNull((await Policies().FindAsync("example.org", CancellationToken.None)).Policy);
        Assert.Equal(2, _host.Requests);
        Assert.InRange(_cache.Find("example.org")!.FetchedAt, now.AddMinutes(-1), now.AddMinutes(1));
    }

    [Fact]
    public async Task A_failing_host_is_reported_not_retried_for_a_while_and_the_cached_policy_applies()
    {
        Publish("1", MtaStsMode.Enforce);
        await Policies().FindAsync("example.org", CancellationToken.None);
        Publish("2", MtaStsMode.Enforce);
        _host.Answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
        var policies = Policies();
        for (var i = 0; i < 2; i++)
        {
            var answer = await policies.FindAsync("example.org", CancellationToken.None);
            Assert.Equal((MtaStsMode.Enforce, "sts-policy-fetch-error"), (answer.Policy!.Mode, answer.Failure));
        }

        Assert.Equal(2, _host.Requests);
        _clock.Now += TimeSpan.FromMinutes(6);
        Publish("2", MtaStsMode.None);
        Assert.Equal(MtaStsMode.None, (await policies.FindAsync("example.org", CancellationToken.None)).Policy!.Mode);
    }

    [Fact]
    public async Task A_policy_in_use_is_fetched_again_every_day_and_an_unused_one_is_not()
    {
        Publish("1", MtaStsMode.Enforce);
        var policies = Policies();
        await policies.FindAsync("example.org", CancellationToken.None);
        var first = _cache.Find("example.org")!;
        await policies.RefreshAsync(CancellationToken.None);
        Assert.Equal(1, _host.Requests);
        _clock.Now += TimeSpan.FromHours(25);
        await policies.RefreshAsync(CancellationToken.None);
        Assert.Equal(2, _host.Requests);
        Assert.True(_cache.Find("example.org")!.Expires > first.Expires);
        _cache.Put(_cache.Find("example.org")! with { LastUsedAt = _clock.Now - TimeSpan.FromDays(40) });
        _clock.Now += TimeSpan.FromHours(25);
        await policies.RefreshAsync(CancellationToken.None);
        Assert.Equal(2, _host.Requests);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var made in _made) made.Dispose();
        _dns.Dispose();
        await _host.DisposeAsync();
    }

    private void Publish(string id, MtaStsMode mode)
    {
        _dns.Remove("_mta-sts.example.org").Text("_mta-sts.example.org", MtaStsRecord.Write(id));
        _host.Answer = FakePolicyHost.Ok(MtaStsPolicy.ForHost("mx.example.org", mode).Write());
    }

    /// <summary>Creates policies with a new resolver without a cache.</summary>
    private MtaStsPolicies Policies()
    {
        var resolver = new Resolver([_dns.EndPoint]);
        var policies = new MtaStsPolicies(
            resolver, new PolicyFetcher(resolver, Limits.Default, AddressRule.None, Authority.Roots, _host.Port), _cache, Limits.Default, _clock, NullLogger<MtaStsPolicies>.Instance);
        _made.Add(policies);
        return policies;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class InMemoryMtaStsCache : IMtaStsCache
    {
        private readonly Dictionary<string, CachedMtaStsPolicy> _entries = [];

        public CachedMtaStsPolicy? Find(string domain) => _entries.GetValueOrDefault(domain);

        public void Put(CachedMtaStsPolicy entry) => _entries[entry.Domain] = entry;

        public IReadOnlyList<CachedMtaStsPolicy> FindStale(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most) =>
            [.. _entries.Values.Where(e => e.FetchedAt < fetchedBefore && e.LastUsedAt > askedAfter).Take(most)];
    }
}
