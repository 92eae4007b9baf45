using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using MailServer.Actors.Cluster;
using MailServer.Storage.Postgres;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>One lease, two competing nodes, and everything that can go wrong between them and the database.</summary>
[Trait("Speed", "Slow")]
public sealed class DatabaseLeaseTests
{
    // A loaded machine must be able to connect to the database within half of it.
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(5);

    [PostgresFact]
    public async Task One_of_two_nodes_gets_the_lease_and_the_other_gets_it_after_release()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        var a = Lease(database, "a");
        var b = Lease(database, "b");
        Assert.True(await a.Acquire());
        Assert.False(await b.Acquire());
        Assert.True(a.CheckLease());
        Assert.False(b.CheckLease());
        Assert.True(await a.Release());
        Assert.False(a.CheckLease());
        Assert.True(await b.Acquire());
        await b.Release();
    }

    [PostgresFact]
    public async Task The_lease_of_a_dead_holder_is_taken_over_when_it_expires()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        using var dead = new PostgresDatabase(connection);
        Assert.NotNull(await new LeaseTable(dead).TryAcquireAsync("sbr", "dead", Ttl, default));
        var patient = DatabaseLease.Configuration(connection, Ttl).GetConfig(DatabaseLease.ConfigPath);
        var settings = new LeaseSettings("sbr", "b", new TimeoutSettings(Ttl / 5, Ttl, Ttl / 2), patient);
        var b = new DatabaseLease(settings, new LeaseTable(database), TimeProvider.System);
        Assert.True(await b.Acquire());
        await b.Release();
    }

    [PostgresFact]
    public async Task Exactly_one_of_many_racing_nodes_gets_the_lease_each_time()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        for (var round = 0; round < 10; round++)
        {
            var racers = Enumerable.Range(0, 8).Select(n => Lease(database, $"racer-{n}")).ToArray();
            var won = await Task.WhenAll(racers.Select(r => r.Acquire()));
            Assert.Single(won, true);
            await racers[Array.IndexOf(won, true)].Release();
        }
    }

    [PostgresFact]
    public async Task The_lease_is_kept_past_its_time_to_live_while_it_is_renewed()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        var a = Lease(database, "a");
        Assert.True(await a.Acquire(_ => Assert.Fail("lost")));
        await Task.Delay(Ttl * 1.8);
        Assert.True(a.CheckLease());
        Assert.False(await Lease(database, "b").Acquire());
        await a.Release();
    }

    [PostgresFact]
    public async Task A_wall_clock_that_jumps_changes_nothing()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        var clock = new JumpingClock();
        var a = Lease(database, "a", clock);
        var b = Lease(database, "b", clock);
        Assert.True(await a.Acquire());
        foreach (var jump in new[] { TimeSpan.FromDays(400), TimeSpan.FromDays(-800), TimeSpan.FromHours(1) })
        {
            clock.Jump(jump);
            Assert.True(a.CheckLease());
            Assert.False(await b.Acquire());
            await Task.Delay(Ttl / 3);
        }

        Assert.True(a.CheckLease());
        await a.Release();
    }

    [PostgresFact]
    public async Task A_broken_connection_is_replaced_without_losing_the_lease()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        var a = Lease(database, "a");
        Assert.True(await a.Acquire(_ => Assert.Fail("lost")));
        for (var i = 0; i < 6; i++)
        {
            PostgresServer.Shared.QueryAt(connection, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await Task.Delay(Ttl / 4);
            Assert.True(a.CheckLease());
        }

        await a.Release();
    }

    [PostgresFact]
    public async Task Without_the_database_the_holder_loses_the_lease_in_time_and_no_other_node_gets_it()
    {
        using var server = new PostgresServer(durable: true);
        var connection = Prepare(server);
        using var database = new PostgresDatabase(connection);
        var a = Lease(database, "a");
        var lost = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(await a.Acquire(e => lost.SetResult(e)));
        server.Stop("QUIT");
        var start = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAnyAsync<LeaseException>(() => Lease(database, "b").Acquire());
        var why = await lost.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.IsAssignableFrom<LeaseException>(why);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, Ttl + TimeSpan.FromSeconds(2));
        Assert.False(a.CheckLease());
        server.Start();
        await Task.Delay(Ttl);
        Assert.True(await Lease(database, "b").Acquire());
        Assert.False(await a.Acquire());
    }

    [PostgresFact]
    public async Task A_holder_that_was_paused_past_the_time_to_live_finds_itself_replaced()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var database = new PostgresDatabase(connection);
        var paused = new PausedClock();
        var a = Lease(database, "a", paused);
        var lost = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(await a.Acquire(e => lost.SetResult(e)));
        await Task.Delay(Ttl * 1.2);
        var b = Lease(database, "b");
        Assert.True(await b.Acquire());
        // It resumes and detects the loss before any of its timers has run.
        paused.Wake(Ttl * 1.2);
        Assert.False(a.CheckLease());
        Assert.NotNull(await lost.Task.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.True(b.CheckLease());
        await b.Release();
    }

    [PostgresFact]
    public async Task An_actor_system_loads_the_lease_from_its_configuration()
    {
        var connection = Prepare(PostgresServer.Shared);
        using var system = ActorSystem.Create("leases", DatabaseLease.Configuration(connection, Ttl).WithFallback(ConfigurationFactory.Default()));
        var lease = LeaseProvider.Get(system).GetLease("leases-akka-sbr", DatabaseLease.ConfigPath, "node-a");
        Assert.IsType<DatabaseLease>(lease);
        Assert.True(await lease.Acquire());
        Assert.Equal("node-a|1", PostgresServer.Shared.QueryAt(connection, "SELECT owner, version FROM leases WHERE name = 'leases-akka-sbr'"));
        Assert.True(await lease.Release());
        await system.Terminate();
    }

    private static string Prepare(PostgresServer server)
    {
        var connection = server.CreateDatabase();
        using var database = new PostgresDatabase(connection);
        database.Migrate(create: true);
        return connection;
    }

    private static DatabaseLease Lease(PostgresDatabase database, string owner, TimeProvider? time = null) => new(
        new LeaseSettings("sbr", owner, new TimeoutSettings(Ttl / 5, Ttl, Ttl / 2), Config.Empty), new LeaseTable(database), time ?? TimeProvider.System);

    /// <summary>The wall clock is arbitrary; the timers are right.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private TimeSpan _off;

        public void Jump(TimeSpan by) => _off += by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _off;
    }

    /// <summary>A suspended process: its timers and timestamps stand still until it resumes.</summary>
    private sealed class PausedClock : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State)> _timers = [];
        private readonly Lock _lock = new();
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock) _timers.Add((callback, state));
            return new NoTimer();
        }

        public void Wake(TimeSpan after)
        {
            Interlocked.Add(ref _now, after.Ticks);
            (TimerCallback Callback, object? State)[] due;
            lock (_lock) due = [.. _timers];
            _ = Task.Run(() => Array.ForEach(due, static t => t.Callback(t.State)));
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
