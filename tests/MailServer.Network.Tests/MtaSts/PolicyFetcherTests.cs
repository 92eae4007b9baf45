using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Dns;
using MailServer.Network.MtaSts;
using MailServer.Network.Outbound;
using MailServer.Network.Tests.Tls;

namespace MailServer.Network.Tests.MtaSts;

public sealed class PolicyFetcherTests
{
    private const string Policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 86400\r\n";
    private static readonly TestAuthority Authority = new();

    [Fact]
    public async Task A_policy_is_fetched_from_the_domain_s_own_host()
    {
        await using var host = Start();
        host.Answer = FakePolicyHost.Ok(Policy, "text/plain; charset=utf-8");
        var fetch = await FetchAsync(host);
        Assert.Equal((MtaStsMode.Enforce, null), (fetch.Policy!.Mode, fetch.Failure));
        Assert.StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\nHost: mta-sts.example.org", host.LastRequest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "sts-policy-fetch-error")]
    [InlineData("HTTP/1.1 301 Moved\r\nLocation: https://mta-sts.example.org/.well-known/mta-sts.txt\r\nContent-Length: 0\r\n\r\n", "sts-policy-fetch-error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "sts-policy-invalid")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "sts-policy-invalid")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nversion: STSv1", "sts-policy-fetch-error")]
    [InlineData("no HTTP at all\r\n\r\n", "sts-policy-fetch-error")]
    public async Task Any_other_response_is_not_a_policy_and_redirects_are_not_followed(string answer, string failure)
    {
        await using var host = Start();
        host.Answer = answer;
        var fetch = await FetchAsync(host);
        Assert.Equal((null, failure), (fetch.Policy, fetch.Failure));
        Assert.Equal(1, host.Requests);
    }

    [Fact]
    public async Task An_endless_policy_is_cut_off()
    {
        await using var host = Start();
        host.Answer = FakePolicyHost.Ok(Policy + new string('x', 70_000));
        Assert.Equal("sts-policy-invalid", (await FetchAsync(host)).Failure);
        host.Answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1000\r\n" + new string('x', 4096) + "\r\n", 40)) + "0\r\n\r\n";
        Assert.Equal("sts-policy-invalid", (await FetchAsync(host)).Failure);
    }

    [Theory]
    [InlineData("mta-sts.example.org", 1, false)]
    [InlineData("example.org", 1, true)]
    [InlineData("mta-sts.example.org", 8, true)]
    public async Task A_certificate_that_is_untrusted_expired_or_for_another_name_gives_no_policy(string name, int age, bool trusted)
    {
        await using var host = FakePolicyHost.Start(Authority.Issue(name, age), Authority.Chain);
        host.Answer = FakePolicyHost.Ok(Policy);
        var fetch = await FetchAsync(host, roots: trusted ? Authority.Roots : new TestAuthority("other").Roots);
        Assert.Equal((null, "sts-webpki-invalid"), (fetch.Policy, fetch.Failure));
        Assert.Equal(0, host.Requests);
    }

    [Fact]
    public async Task A_host_that_is_silent_closed_or_without_address_fails_quickly()
    {
        await using var host = Start();
        host.Answer = null;
        Assert.Equal("sts-policy-fetch-error", (await FetchAsync(host, Limits.Default with { MtaStsFetchTimeout = TimeSpan.FromMilliseconds(300) })).Failure);
        using var nowhere = new PolicyFetcher(new SingleAnswerResolver(new DnsAnswer<IPAddress>.NoRecords(NameExists: false)), Limits.Default, AddressRule.None, Authority.Roots, host.Port);
        Assert.Equal("sts-policy-fetch-error", (await nowhere.FetchAsync("example.org", CancellationToken.None)).Failure);
        using var closed = new PolicyFetcher(new SingleAnswerResolver(new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Loopback])), Limits.Default, AddressRule.None, Authority.Roots, 1);
        Assert.Equal("sts-policy-fetch-error", (await closed.FetchAsync("example.org", CancellationToken.None)).Failure);
    }

    private static FakePolicyHost Start() => FakePolicyHost.Start(Authority.Issue("mta-sts.example.org"), Authority.Chain);

    private static async Task<PolicyFetchResult> FetchAsync(FakePolicyHost host, Limits? limits = null, X509Certificate2Collection? roots = null)
    {
        using var fetcher = new PolicyFetcher(new SingleAnswerResolver(new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Loopback])), limits ?? Limits.Default, AddressRule.None, roots ?? Authority.Roots, host.Port);
        return await fetcher.FetchAsync("example.org", CancellationToken.None);
    }

    private sealed class SingleAnswerResolver(DnsAnswer<IPAddress> answer) : IResolver
    {
        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) => Task.FromResult(answer);
    }
}
