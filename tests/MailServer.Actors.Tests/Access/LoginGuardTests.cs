using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain;
using MailServer.Domain.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Access;

public sealed class LoginGuardTests
{
    private static readonly IPAddress s_attacker = IPAddress.Parse("203.0.113.9");
    private readonly SettableTime _time = new();
    private readonly MemoryBans _store = new();
    private readonly BanList _bans;
    private readonly LoginGuard _guard;

    public LoginGuardTests()
    {
        _bans = new BanList(_store, Limits.Default, _time, NoAudit.Instance, NullLogger<BanList>.Instance);
        var options = new LoginGuardOptions { BanAfter = 5, Exempt = [IPNetwork.Parse("192.0.2.0/24")] };
        _guard = new LoginGuard(options, _bans, Limits.Default, _time, NoAudit.Instance);
    }

    [Fact]
    public void Each_failure_waits_longer_and_enough_of_them_ban()
    {
        var waits = Enumerable.Range(0, 5).Select(i => _guard.Failed(s_attacker, $"user{i}@example.test")).ToArray();
        Assert.Equal([0, 0, 250, 500, 1000], waits.Select(w => w.TotalMilliseconds));
        Assert.True(_bans.IsBanned(s_attacker, signsIn: true));
        Assert.True(_guard.Refuses(s_attacker, "anybody@example.test"));
        Assert.False(_bans.IsBanned(s_attacker, signsIn: false));
        Assert.False(_bans.IsBanned(IPAddress.Parse("203.0.113.10"), signsIn: true));
        Assert.Single(_store.Load());
    }

    [Fact]
    public void A_ban_ends_and_the_next_one_lasts_twice_as_long()
    {
        Fail(5);
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_bans.IsBanned(s_attacker, signsIn: true));
        Fail(5);
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.True(_bans.IsBanned(s_attacker, signsIn: true));
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_bans.IsBanned(s_attacker, signsIn: true));
    }

    [Fact]
    public void A_network_of_IPv6_is_one_client()
    {
        for (var i = 1; i <= 5; i++) _guard.Failed(IPAddress.Parse($"2001:db8::{i}"), "a@example.test");
        Assert.True(_bans.IsBanned(IPAddress.Parse("2001:db8::abcd"), signsIn: true));
        Assert.False(_bans.IsBanned(IPAddress.Parse("2001:db8:0:1::1"), signsIn: true));
        Assert.Equal("2001:db8::/64", ClientNetwork.Describe(Assert.Single(_bans.List()).Address));
    }

    [Fact]
    public void A_success_forgives_the_failures_of_its_own_login_alone()
    {
        Fail(2, "victim@example.test");
        Fail(2, "own@example.test");
        _guard.Succeeded(s_attacker, "own@example.test");
        Fail(2, "victim@example.test");
        Assert.False(_bans.IsBanned(s_attacker, signsIn: true));
        Fail(1, "victim@example.test");
        Assert.True(_bans.IsBanned(s_attacker, signsIn: true));
    }

    [Fact]
    public void Failures_long_ago_do_not_count()
    {
        Fail(4);
        _time.Now += TimeSpan.FromHours(2);
        Fail(4);
        Assert.False(_bans.IsBanned(s_attacker, signsIn: true));
    }

    [Theory]
    [InlineData("owner@example.test")]
    [InlineData("nobody@example.test")]
    public void A_login_that_fails_from_everywhere_is_locked_but_for_those_who_were_in_before(string login)
    {
        var home = IPAddress.Parse("198.51.100.1");
        _guard.Succeeded(home, login);
        for (var i = 0; i < 25; i++) _guard.Failed(IPAddress.Parse($"203.0.113.{i}"), login);
        Assert.True(_guard.Refuses(IPAddress.Parse("203.0.113.200"), login.ToUpperInvariant()));
        Assert.False(_guard.Refuses(home, login));
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), "other@example.test"));
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), login));
    }

    [Fact]
    public void Exempt_addresses_are_neither_delayed_nor_banned()
    {
        for (var i = 0; i < 50; i++) Assert.Equal(TimeSpan.Zero, _guard.Failed(IPAddress.Parse("192.0.2.7"), "a@example.test"));
        Assert.Empty(_bans.List());
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), "a@example.test"));
    }

    [Fact]
    public void Bans_outlive_a_restart_and_are_removed_by_hand()
    {
        _bans.Add(s_attacker, howLong: null, "by hand", byHand: true);
        var restarted = new BanList(_store, Limits.Default, _time, NoAudit.Instance, NullLogger<BanList>.Instance);
        Assert.True(restarted.IsBanned(s_attacker, signsIn: false));
        Assert.True(restarted.Remove(s_attacker));
        Assert.False(restarted.Remove(s_attacker));
        Assert.Empty(_store.Load());
    }

    [Fact]
    public void Bans_and_locks_of_a_clock_that_was_ten_years_ahead_end_when_it_is_right_again()
    {
        var (now, other) = (_time.Now, IPAddress.Parse("198.51.100.200"));
        _time.Now = now.AddYears(10);
        Fail(5);
        for (var i = 0; i < 25; i++) _guard.Failed(IPAddress.Parse($"198.51.100.{i}"), "ann@example.test");
        _bans.Add(other, howLong: null, "by hand", byHand: true);
        Assert.True(_bans.IsBanned(s_attacker, signsIn: true));
        _time.Now = now;
        var restarted = new BanList(_store, Limits.Default, _time, NoAudit.Instance, NullLogger<BanList>.Instance);
        Assert.All([_bans, restarted], bans =>
        {
            Assert.False(bans.IsBanned(s_attacker, signsIn: true));
            Assert.True(bans.IsBanned(other, signsIn: false));
            Assert.Equal([other], bans.List().Select(b => b.Address));
        });
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), "ann@example.test"));
    }

    [Fact]
    public void There_are_never_more_bans_than_the_limit()
    {
        var bans = new BanList(_store, Limits.Default with { Bans = 3 }, _time, NoAudit.Instance, NullLogger<BanList>.Instance);
        for (var i = 1; i <= 5; i++) bans.Add(IPAddress.Parse($"203.0.113.{i}"), TimeSpan.FromHours(i), "", byHand: false);
        Assert.Equal(["203.0.113.3", "203.0.113.4", "203.0.113.5"], bans.List().Select(b => b.Address.ToString()));
        Assert.Equal(3, _store.Load().Count);
    }

    private void Fail(int times, string login = "a@example.test")
    {
        for (var i = 0; i < times; i++) _guard.Failed(s_attacker, login);
    }

    private sealed class MemoryBans : IBanStore
    {
        private readonly Dictionary<IPAddress, Ban> _bans = [];

        public IReadOnlyList<Ban> Load() => [.. _bans.Values];

        public void Save(Ban ban) => _bans[ban.Address] = ban;

        public void Remove(IPAddress address) => _bans.Remove(address);
    }
}

/// <summary>A clock that a test sets.</summary>
internal sealed class SettableTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
