using System.Net;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;

namespace MailServer.Network.Tests.Dns;

public sealed class ResolverTests : IDisposable
{
    private static readonly Limits Hurried = Limits.Default with { DnsServerTimeout = TimeSpan.FromSeconds(1), DnsQueryTimeout = TimeSpan.FromSeconds(3) };
    private readonly FakeDnsServer _server = new();
    private readonly Resolver _resolver;

    public ResolverTests() => _resolver = new Resolver([_server.EndPoint], Hurried);

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Addresses_of_both_families_are_found()
    {
        _server.Address("mx.test", "192.0.2.7").Address("mx.test", "2001:db8::7");
        Assert.Equal(["192.0.2.7", "2001:db8::7"], Texts(await _resolver.AddressesAsync("mx.test", CancellationToken.None)));
        Assert.Equal(["192.0.2.7"], Texts(await _resolver.LookupIPv4Async("mx.test.", CancellationToken.None)));
        Assert.Equal(["2001:db8::7"], Texts(await _resolver.LookupIPv6Async("mx.test", CancellationToken.None)));
    }

    [Fact]
    public async Task An_alias_is_followed()
    {
        _server.Alias("www.test", "host.test").Address("host.test", "192.0.2.8");
        Assert.Equal(["192.0.2.8"], Texts(await _resolver.LookupIPv4Async("www.test", CancellationToken.None)));
    }

    [Fact]
    public async Task A_name_without_such_records_differs_from_a_missing_name()
    {
        _server.Text("only-text.test", "x");
        Assert.Equal(new DnsAnswer<IPAddress>.NoRecords(NameExists: true), await _resolver.LookupIPv4Async("only-text.test", CancellationToken.None));
        Assert.Equal(new DnsAnswer<IPAddress>.NoRecords(NameExists: false), await _resolver.LookupIPv4Async("nothing.test", CancellationToken.None));
        Assert.IsType<DnsAnswer<IPAddress>.NoRecords>(await _resolver.AddressesAsync("nothing.test", CancellationToken.None));
    }

    [Fact]
    public async Task A_failing_server_is_a_temporary_failure()
    {
        _server.Failing("broken.test");
        Assert.IsType<DnsAnswer<IPAddress>.TemporaryFailure>(await _resolver.AddressesAsync("broken.test", CancellationToken.None));
        Assert.IsType<DnsAnswer<string>.TemporaryFailure>(await _resolver.LookupTxtAsync("broken.test", CancellationToken.None));
    }

    [Fact]
    public async Task A_silent_server_is_a_temporary_failure_in_bounded_time()
    {
        _server.Silent("silent.test");
        var started = TimeProvider.System.GetTimestamp();
        Assert.IsType<DnsAnswer<MailExchange>.TemporaryFailure>(await _resolver.LookupMxAsync("silent.test", CancellationToken.None));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_cancelled_lookup_ends_without_an_answer()
    {
        _server.Silent("silent.test");
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _resolver.LookupIPv4Async("silent.test", cancelled.Token));
    }

    [Fact]
    public async Task MX_records_have_their_preference_and_the_null_MX_is_recognized()
    {
        _server.Mx("example.test", 10, "a.test").Mx("example.test", 20, "b.test").Mx("nomail.test", 0, "");
        var found = Assert.IsType<DnsAnswer<MailExchange>.RecordsFound>(await _resolver.LookupMxAsync("example.test", CancellationToken.None));
        Assert.Equal([new MailExchange(10, "a.test"), new MailExchange(20, "b.test")], found.Values.OrderBy(mx => mx.Preference));
        var none = Assert.IsType<DnsAnswer<MailExchange>.RecordsFound>(await _resolver.LookupMxAsync("nomail.test", CancellationToken.None));
        Assert.True(Assert.Single(none.Values).IsNull);
    }

    [Fact]
    public async Task The_strings_of_a_TXT_record_are_joined_octet_for_octet()
    {
        _server.Text("txt.test", "v=spf1 a\\065", "a\"b;\u00e9\u00ff\u0007 -all");
        Assert.Equal(["v=spf1 a\\065a\"b;\u00e9\u00ff\u0007 -all"], Texts(await _resolver.LookupTxtAsync("txt.test", CancellationToken.None)));
    }

    [Theory]
    [InlineData("192.0.2.9", "9.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public async Task Host_names_of_an_address_are_found(string address, string name)
    {
        _server.Pointer(name, "host.test");
        Assert.Equal(["host.test"], Texts(await _resolver.LookupPtrAsync(IPAddress.Parse(address), CancellationToken.None)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.test")]
    public async Task An_invalid_name_does_not_exist_and_is_not_queried(string name)
    {
        Assert.Equal(new DnsAnswer<string>.NoRecords(NameExists: false), await _resolver.LookupTxtAsync(name, CancellationToken.None));
        Assert.Equal(0, _server.Questions);
    }

    [Fact]
    public async Task Unusual_characters_are_queried_unchanged()
    {
        _server.Address("a+b=_c!.test", "192.0.2.1");
        Assert.Equal(["192.0.2.1"], Texts(await _resolver.LookupIPv4Async("a+b=_c!.test", CancellationToken.None)));
    }

    [Fact]
    public async Task The_number_of_records_in_an_answer_is_limited()
    {
        for (var i = 0; i < 5; i++) _server.Address("many.test", $"192.0.2.{i}");
        var resolver = new Resolver([_server.EndPoint], Hurried with { DnsRecords = 3 });
        Assert.Equal(3, Texts(await resolver.LookupIPv4Async("many.test", CancellationToken.None)).Length);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("[2001:db8::1]", "2001:db8::1")]
    public async Task An_address_literal_resolves_to_itself(string text, string address)
    {
        Assert.Equal([address], Texts(await _resolver.AddressesAsync(text, CancellationToken.None)));
        Assert.Equal(0, _server.Questions);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:53")]
    [InlineData("192.0.2.1:5353", "192.0.2.1:5353")]
    [InlineData("2001:db8::1", "[2001:db8::1]:53")]
    [InlineData("[2001:db8::1]:5353", "[2001:db8::1]:5353")]
    [InlineData("dns.test", null)]
    [InlineData("192.0.2.1:x", null)]
    public void A_server_is_an_address_with_an_optional_port(string text, string? expected) =>
        Assert.Equal(expected, Resolver.TryParseServer(text, out var server) ? server.ToString() : null);

    private static string[] Texts<T>(DnsAnswer<T> answer) => [.. Assert.IsType<DnsAnswer<T>.RecordsFound>(answer).Values.Select(v => v!.ToString()!)];
}
