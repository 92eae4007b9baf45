using System.Net;
using MailServer.Actors.Access;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Access;

public sealed class LoginGuardTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("203.0.113.9");
    private readonly SettableWallClock _time = new();
    private readonly InMemoryBanStore _store = new();
    private readonly BanList _bans;
    private readonly LoginGuard _guard;

    public LoginGuardTests()
    {
        _bans = new BanList(_store, Limits.Default, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);
        var options = new LoginGuardOptions { BanAfter = 5, Exempt = [IPNetwork.Parse("192.0.2.0/24")] };
        _guard = new LoginGuard(options, _bans, Limits.Default, _time, NullAuditLog.Instance);
    }

    [Fact]
    public void Each_failure_delays_the_next_attempt_longer_and_enough_failures_ban()
    {
        var waits = Enumerable.Range(0, 5).Select(i => Fail(Attacker, $"user{i}@example.test")).ToArray();
        Assert.Equal([0, 0, 250, 500, 1000], waits.Select(w => w.TotalMilliseconds));
        Assert.True(_bans.IsBanned(Attacker, signsIn: true));
        Assert.True(_guard.Refuses(Attacker, LoginName.Of("anybody@example.test")));
        Assert.False(_bans.IsBanned(Attacker, signsIn: false));
        Assert.False(_bans.IsBanned(IPAddress.Parse("203.0.113.10"), signsIn: true));
        Assert.Single(_store.Load());
    }

    [Fact]
    public void A_ban_ends_and_the_next_one_lasts_twice_as_long()
    {
        Fail(5);
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_bans.IsBanned(Attacker, signsIn: true));
        Fail(5);
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.True(_bans.IsBanned(Attacker, signsIn: true));
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_bans.IsBanned(Attacker, signsIn: true));
    }

    [Fact]
    public void An_IPv6_network_counts_as_one_client()
    {
        for (var i = 1; i <= 5; i++) Fail(IPAddress.Parse($"2001:db8::{i}"), "a@example.test");
        Assert.True(_bans.IsBanned(IPAddress.Parse("2001:db8::abcd"), signsIn: true));
        Assert.False(_bans.IsBanned(IPAddress.Parse("2001:db8:0:1::1"), signsIn: true));
        Assert.Equal("2001:db8::/64", ClientNetwork.Describe(Assert.Single(_bans.List()).Address));
    }

    [Fact]
    public void A_success_resets_the_failures_of_its_own_login_only()
    {
        Fail(2, "victim@example.test");
        Fail(2, "own@example.test");
        Succeed(Attacker, "own@example.test");
        Fail(2, "victim@example.test");
        Assert.False(_bans.IsBanned(Attacker, signsIn: true));
        Fail(1, "victim@example.test");
        Assert.True(_bans.IsBanned(Attacker, signsIn: true));
    }

    [Fact]
    public void Old_failures_do_not_count()
    {
        Fail(4);
        _time.Now += TimeSpan.FromHours(2);
        Fail(4);
        Assert.False(_bans.IsBanned(Attacker, signsIn: true));
    }

    [Theory]
    [InlineData("owner@example.test")]
    [InlineData("nobody@example.test")]
    public void A_login_that_fails_from_many_networks_is_locked_except_for_networks_that_signed_in_before(string login)
    {
        var home = IPAddress.Parse("198.51.100.1");
        Succeed(home, login);
        for (var i = 0; i < 25; i++) Fail(IPAddress.Parse($"203.0.113.{i}"), login);
        Assert.True(_guard.Refuses(IPAddress.Parse("203.0.113.200"), LoginName.Of(login.ToUpperInvariant())));
        Assert.False(_guard.Refuses(home, LoginName.Of(login)));
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), LoginName.Of("other@example.test")));
        _time.Now += TimeSpan.FromMinutes(61);
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), LoginName.Of(login)));
    }

    [Fact]
    public void Exempt_addresses_are_neither_delayed_nor_banned()
    {
        for (var i = 0; i < 50; i++) Assert.Equal(TimeSpan.Zero, Fail(IPAddress.Parse("192.0.2.7"), "a@example.test"));
        Assert.Empty(_bans.List());
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), LoginName.Of("a@example.test")));
    }

    [Fact]
    public async Task Concurrent_attempts_are_limited_to_the_failures_that_are_left()
    {
        var login = LoginName.Of("a@example.test");
        var running = Enumerable.Range(0, 5).Select(_ => Enter(Attacker, "a@example.test")).ToList();
        var waiting = new List<Task<SignInPermit?>> { _guard.EnterAsync(Attacker, login).AsTask(), _guard.EnterAsync(Attacker, LoginName.Of("b@example.test")).AsTask() };
        Assert.All(waiting, static w => Assert.False(w.IsCompleted));
        // An attempt without a result frees one place; a failed one frees none.
        running[0].Dispose();
        var first = await Task.WhenAny(waiting);
        (await first)!.Dispose();
        (await waiting.Single(w => w != first))!.Dispose();
        running[1].Fail();
        var next = Enter(Attacker, "a@example.test");
        var last = _guard.EnterAsync(Attacker, login).AsTask();
        Assert.False(last.IsCompleted);
        foreach (var turn in running.Skip(2).Append(next)) turn.Fail();
        Assert.Null(await last);
        Assert.Single(_bans.List());
    }

    [Fact]
    public void An_attempt_counts_once_however_often_it_is_completed()
    {
        for (var i = 0; i < 4; i++)
        {
            var turn = Enter(Attacker, "a@example.test");
            turn.Fail();
            turn.Fail();
            turn.Succeed();
            turn.Dispose();
        }

        Assert.False(_bans.IsBanned(Attacker, signsIn: true));
        Fail(1);
        Assert.True(_bans.IsBanned(Attacker, signsIn: true));
    }

    [Fact]
    public void Removing_a_manual_ban_added_during_attempts_lets_the_next_attempt_run_without_delay()
    {
        var running = Enumerable.Range(0, 5).Select(_ => Enter(Attacker, "a@example.test")).ToList();
        _bans.Add(Attacker, TimeSpan.FromHours(1), "by hand", byHand: true);
        Assert.All(running, static turn => Assert.True(turn.IsRefused));
        foreach (var turn in running) turn.Fail();
        Assert.Equal("by hand", Assert.Single(_bans.List()).Reason);
        Assert.Equal(BanChange.Changed, _bans.Remove(Attacker));
        Enter(Attacker, "a@example.test").Dispose();
    }

    [Fact]
    public async Task Attempts_beyond_the_queue_limit_are_rejected_at_once()
    {
        var guard = new LoginGuard(new LoginGuardOptions { BanAfter = 1 }, _bans, Limits.Default with { QueuedSignInsPerNetwork = 2 }, _time, NullAuditLog.Instance);
        using var running = await guard.EnterAsync(Attacker, LoginName.Of("a@example.test"));
        var waiting = Enumerable.Range(0, 2).Select(_ => guard.EnterAsync(Attacker, LoginName.Of("a@example.test")).AsTask()).ToList();
        await Assert.ThrowsAsync<TooManySignInsException>(async () => await guard.EnterAsync(Attacker, LoginName.Of("a@example.test")));
        using var elsewhere = await guard.EnterAsync(IPAddress.Parse("203.0.113.10"), LoginName.Of("a@example.test"));
        Assert.NotNull(elsewhere);
        running!.Fail();
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
    }

    [Fact]
    public void A_burst_from_many_addresses_tries_a_login_at_most_up_to_its_lock_limit()
    {
        var turns = Enumerable.Range(0, 60).Select(i => _guard.EnterAsync(IPAddress.Parse($"203.0.113.{i}"), LoginName.Of(i % 2 == 0 ? "Owner@Example.test" : "owner@example.test")).AsTask()).ToList();
        Assert.Equal(25, turns.Count(static t => t.IsCompleted));
    }

    [Fact]
    public void Bans_survive_a_restart_and_can_be_removed_manually()
    {
        _bans.Add(Attacker, howLong: null, "by hand", byHand: true);
        var restarted = new BanList(_store, Limits.Default, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);
        Assert.True(restarted.IsBanned(Attacker, signsIn: false));
        Assert.Equal(BanChange.Changed, restarted.Remove(Attacker));
        Assert.Equal(BanChange.NotBanned, restarted.Remove(Attacker));
        Assert.Empty(_store.Load());
    }

    [Fact]
    public void Bans_and_locks_set_by_a_clock_ten_years_ahead_end_once_the_clock_is_corrected()
    {
        var (now, other) = (_time.Now, IPAddress.Parse("198.51.100.200"));
        _time.Now = now.AddYears(10);
        Fail(5);
        for (var i = 0; i < 25; i++) Fail(IPAddress.Parse($"198.51.100.{i}"), "ann@example.test");
        _bans.Add(other, howLong: null, "by hand", byHand: true);
        Assert.True(_bans.IsBanned(Attacker, signsIn: true));
        _time.Now = now;
        var restarted = new BanList(_store, Limits.Default, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);
        Assert.All([_bans, restarted], bans =>
        {
            Assert.False(bans.IsBanned(Attacker, signsIn: true));
            Assert.True(bans.IsBanned(other, signsIn: false));
            Assert.Equal([other], bans.List().Select(b => b.Address));
        });
        Assert.False(_guard.Refuses(IPAddress.Parse("203.0.113.200"), LoginName.Of("ann@example.test")));
    }

    [Fact]
    public void There_are_never_more_bans_than_the_limit()
    {
        var bans = new BanList(_store, Limits.Default with { Bans = 3 }, _time, NullAuditLog.Instance, NullLogger<BanList>.Instance);
        for (var i = 1; i <= 5; i++) bans.Add(IPAddress.Parse($"203.0.113.{i}"), TimeSpan.FromHours(i), "", byHand: false);
        Assert.Equal(["203.0.113.3", "203.0.113.4", "203.0.113.5"], bans.List().Select(b => b.Address.ToString()));
        Assert.Equal(3, _store.Load().Count);
    }

    private TimeSpan Fail(IPAddress peer, string login)
    {
        using var turn = Enter(peer, login);
        return turn.Fail();
    }

    private void Succeed(IPAddress peer, string login)
    {
        using var turn = Enter(peer, login);
        turn.Succeed();
    }

    private SignInPermit Enter(IPAddress peer, string login)
    {
        var entering = _guard.EnterAsync(peer, LoginName.Of(login)).AsTask();
        Assert.True(entering.IsCompletedSuccessfully, "the attempt waits");
        return entering.Result ?? throw new InvalidOperationException("the attempt is refused");
    }

    private void Fail(int times, string login = "a@example.test")
    {
        for (var i = 0; i < times; i++) Fail(Attacker, login);
    }
}

/// <summary>A wall clock that tests set.</summary>
internal sealed class SettableWallClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
