using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Access;

/// <summary>Bans of whole networks, and networks that are never banned.</summary>
public sealed class NetworkRulesTests
{
    private static readonly IPAddress Client = IPAddress.Parse("203.0.113.9");
    private static readonly IPNetwork Around = IPNetwork.Parse("203.0.113.0/24");
    private readonly SettableWallClock _time = new();
    private readonly InMemoryBanStore _store = new();
    private readonly BanList _bans;

    public NetworkRulesTests() => _bans = NewList();

    [Fact]
    public void A_banned_network_is_kept_from_every_port_until_the_ban_ends_or_is_removed()
    {
        Assert.Equal(BanChange.Changed, _bans.Add(Around, TimeSpan.FromHours(1), "scans"));
        Assert.True(_bans.IsBanned(Client, signsIn: false));
        Assert.True(_bans.IsBanned(IPAddress.Parse("::ffff:203.0.113.9"), signsIn: true));
        Assert.False(_bans.IsBanned(IPAddress.Parse("203.0.114.1"), signsIn: true));
        Assert.Equal(Around, Assert.Single(_bans.ListNetworks()).Network);
        Assert.True(NewList().IsBanned(Client, signsIn: false));
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_bans.IsBanned(Client, signsIn: false));
        Assert.Empty(_bans.ListNetworks());
        _bans.Add(Around, null, "scans");
        Assert.Equal(BanChange.Changed, _bans.Remove(Around));
        Assert.Equal(BanChange.NotBanned, _bans.Remove(Around));
        Assert.False(_bans.IsBanned(Client, signsIn: false));
        Assert.Empty(_store.LoadRules());
    }

    [Fact]
    public void A_network_of_one_client_is_the_same_ban_as_that_of_its_address()
    {
        _bans.Add(new IPNetwork(Client, 32), null, "x");
        Assert.Empty(_bans.ListNetworks());
        Assert.True(Assert.Single(_bans.List()).IsManual);
        Assert.Equal(BanChange.Changed, _bans.Remove(new IPNetwork(Client, 32)));
    }

    [Fact]
    public void An_allowed_network_is_never_banned_and_what_is_within_it_is_released()
    {
        _bans.Add(Client, null, "guessing", byHand: false);
        _bans.Add(IPNetwork.Parse("203.0.113.0/28"), null, "scans");
        _bans.Add(IPAddress.Parse("198.51.100.1"), null, "other", byHand: false);
        Assert.Equal(BanChange.Changed, _bans.Allow(Around, "office"));
        Assert.False(_bans.IsBanned(Client, signsIn: true));
        Assert.Equal("198.51.100.1", Assert.Single(_bans.List()).Address.ToString());
        Assert.Empty(_bans.ListNetworks());
        Assert.Equal(BanChange.Allowed, _bans.Add(Client, null, "guessing", byHand: false));
        Assert.Equal(BanChange.Allowed, _bans.Add(IPNetwork.Parse("203.0.113.128/25"), null, "x"));
        Assert.Equal(BanChange.Allowed, _bans.Add(Around, null, "x"));
        // A ban of a wider network does not reach into it.
        Assert.Equal(BanChange.Changed, _bans.Add(IPNetwork.Parse("203.0.0.0/16"), null, "x"));
        Assert.False(_bans.IsBanned(Client, signsIn: true));
        Assert.True(_bans.IsBanned(IPAddress.Parse("203.0.1.1"), signsIn: true));
        Assert.Equal(BanChange.Changed, _bans.Disallow(Around));
        Assert.Equal(BanChange.NotBanned, _bans.Disallow(Around));
        Assert.True(_bans.IsBanned(Client, signsIn: true));
    }

    [Fact]
    public void Failures_from_an_allowed_network_are_slowed_down_and_lock_logins_but_ban_nobody()
    {
        var guard = new LoginGuard(new LoginGuardOptions { BanAfter = 5 }, _bans, Limits.Default, _time, NullAuditLog.Instance);
        _bans.Allow(Around, "office");
        var waits = Enumerable.Range(0, 12).Select(_ => Fail(guard, Client)).ToArray();
        Assert.Equal([0, 0, 250, 500, 1000, 0, 0, 250, 500, 1000, 0, 0], waits.Select(static w => w.TotalMilliseconds));
        Assert.False(_bans.IsBanned(Client, signsIn: true));
        for (var i = 0; i < 13; i++) Fail(guard, Client);
        Assert.True(guard.Refuses(IPAddress.Parse("192.0.2.1"), LoginName.Of("victim@example.test")));
    }

    [Fact]
    public void Rules_of_other_nodes_are_seen_after_a_reload_and_the_list_is_bounded()
    {
        var other = new BanList(_store, Limits.Default with { NetworkRules = 2 }, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);
        _bans.Allow(Around, "office");
        Assert.False(other.IsAllowed(Client));
        other.Reload();
        Assert.True(other.IsAllowed(Client));
        Assert.Equal(BanChange.Changed, other.Allow(IPNetwork.Parse("10.0.0.0/8"), ""));
        Assert.Equal(BanChange.Full, other.Allow(IPNetwork.Parse("172.16.0.0/12"), ""));
        Assert.Equal(BanChange.Changed, other.Allow(Around, "the same again"));
        _bans.Reload();
        Assert.Equal(2, _bans.ListAllowed().Count);
    }

    private BanList NewList() => new(_store, Limits.Default, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);

    private static TimeSpan Fail(LoginGuard guard, IPAddress peer)
    {
        var entered = guard.EnterAsync(peer, LoginName.Of("victim@example.test")).AsTask();
        Assert.True(entered.IsCompletedSuccessfully);
        using var permit = entered.Result;
        return permit?.Fail() ?? TimeSpan.Zero;
    }
}
