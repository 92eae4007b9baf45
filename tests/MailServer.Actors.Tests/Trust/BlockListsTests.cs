using System.Net;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Protocol.Tests.MessageAuthentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Trust;

public sealed class BlockListsTests
{
    private static readonly IPAddress Peer = IPAddress.Parse("192.0.2.7");
    private readonly ZoneLookup _zone = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly List<string> _log = [];

    [Fact]
    public async Task The_first_zone_that_lists_the_address_is_named_with_its_text()
    {
        _zone.Add("7.2.0.192.b.test", "A", IPAddress.Parse("127.0.0.4")).Text("7.2.0.192.b.test", "see\r\nhttp://b.test")
            .Add("7.2.0.192.c.test", "A", IPAddress.Parse("127.0.0.2"));
        Assert.Equal(new BlockListing("b.test", "see??http://b.test"), await Make("a.test", "b.test", "c.test").FindAsync(Peer, default));
        Assert.Null(await Make("a.test", "b.test").FindAsync(IPAddress.Parse("192.0.2.8"), default));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.254.1", true)]
    [InlineData("127.255.255.254", false)]
    [InlineData("127.255.255.255", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("93.184.216.34", false)]
    public async Task Only_loopback_answers_are_listings_and_error_codes_are_not(string answer, bool isListed)
    {
        _zone.Add("7.2.0.192.a.test", "A", IPAddress.Parse(answer));
        Assert.Equal(isListed, await Make("a.test").FindAsync(Peer, default) is not null);
        Assert.Equal(answer.StartsWith("127.255.255.", StringComparison.Ordinal), _log.Exists(l => l.Contains("a.test refuses", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_DNS_failure_is_not_a_listing_and_is_not_cached()
    {
        _zone.Fail("7.2.0.192.a.test");
        var lists = Make("a.test");
        Assert.Null(await lists.FindAsync(Peer, default));
        Assert.Null(await lists.FindAsync(Peer, default));
        Assert.Equal(2, _zone.Questions.Count);
    }

    [Fact]
    public async Task Answers_are_cached_for_minutes()
    {
        _zone.Add("7.2.0.192.a.test", "A", IPAddress.Parse("127.0.0.2"));
        var lists = Make("a.test");
        await lists.FindAsync(Peer, default);
        var asked = _zone.Questions.Count;
        Assert.NotNull(await lists.FindAsync(Peer.MapToIPv6(), default));
        Assert.Equal(asked, _zone.Questions.Count);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.NotNull(await lists.FindAsync(Peer, default));
        Assert.True(_zone.Questions.Count > asked);
    }

    [Fact]
    public void IPv6_addresses_are_queried_by_nibbles() =>
        Assert.Equal("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4", BlockLists.Reverse(IPAddress.Parse("4321:0:1:2:3:4:567:89ab")));

    private BlockLists Make(params string[] zones) => new(_zone, zones, Limits.Default, _time, new ListLogger(_log));

    private sealed class ListLogger(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
