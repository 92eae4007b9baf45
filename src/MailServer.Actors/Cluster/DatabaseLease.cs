using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using MailServer.Domain.Accounts;
using MailServer.Storage.Postgres;

namespace MailServer.Actors.Cluster;

/// <summary>
/// A lease in the cluster's PostgreSQL database that decides which node survives when two nodes cannot reach each other. The holder counts the time to live
/// on its own monotonic clock, from before it sends the request, so a holder that cannot renew knows that it lost the lease no later than another node can
/// take it. Wall clocks are not used.
/// </summary>
public sealed class DatabaseLease : Lease
{
    /// <summary>Configuration path, for <c>split-brain-resolver.lease-majority.lease-implementation</c>.</summary>
    public const string ConfigPath = "mailserver-lease";

    private const string Patience = "acquire-patience";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly LeaseTable _table;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;
    private HeldLease? _held;

    /// <summary>Constructor used by the actor system.</summary>
    public DatabaseLease(LeaseSettings settings, ExtendedActorSystem system)
        : this(settings, new PostgresDatabase(settings.LeaseConfig.GetString("connection-string")), TimeProvider.System, system)
    {
    }

    /// <param name="settings">Name, owner and timeouts.</param>
    /// <param name="table">The lease table.</param>
    /// <param name="time">Used for timestamps and timers only.</param>
    /// <param name="tell">Receives status messages for the administrator.</param>
    internal DatabaseLease(LeaseSettings settings, LeaseTable table, TimeProvider time, Action<string>? tell = null) : base(settings)
    {
        _table = table;
        _time = time;
        _tell = tell ?? (static _ => { });
    }

    private DatabaseLease(LeaseSettings settings, PostgresDatabase database, TimeProvider time, ExtendedActorSystem system)
        : this(settings, new LeaseTable(database), time, text => system.EventStream.Publish(new LocalClusterEvent(ClusterEventKind.Lease, null, text))) => system.RegisterOnTermination(database.Dispose);

    /// <summary>The actor system configuration that enables this lease.</summary>
    /// <param name="connection">Connection string of the cluster's database.</param>
    /// <param name="timeToLive">Lifetime of a lease without renewal. It is renewed five times as often.</param>
    public static Config Configuration(string connection, TimeSpan timeToLive) => ConfigurationFactory.ParseString(string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {{ConfigPath}} {
          lease-class = "{{typeof(DatabaseLease).FullName}}, {{typeof(DatabaseLease).Assembly.GetName().Name}}"
          connection-string = "{{Quote(connection)}}"
          heartbeat-timeout = {{timeToLive.TotalMilliseconds:F0}} ms
          heartbeat-interval = {{timeToLive.TotalMilliseconds / 5:F0}} ms
          lease-operation-timeout = {{timeToLive.TotalMilliseconds / 2:F0}} ms
          # Of a holder that has died the lease lives on for a moment: who comes to take its place waits for that.
          {{Patience}} = {{timeToLive.TotalMilliseconds + 1_000:F0}} ms
        }
        """));

    public override Task<bool> Acquire() => Acquire(null);

    /// <summary>Acquires the lease, waiting at most the lifetime of a lease that is not renewed.</summary>
    /// <param name="leaseLostCallback">Called once when the lease could not be renewed in time or another owner has it.</param>
    public override async Task<bool> Acquire(Action<Exception>? leaseLostCallback)
    {
        var begun = _time.GetTimestamp();
        var patience = Settings.LeaseConfig.GetTimeSpan(Patience, TimeSpan.Zero);
        while (true)
        {
            var asked = _time.GetTimestamp();
            var version = await WithinAsync(Settings.TimeoutSettings.OperationTimeout, cancel =>
                _table.TryAcquireAsync(Settings.LeaseName, Settings.OwnerName, Settings.TimeoutSettings.HeartbeatTimeout, cancel));
            if (version is { } mine)
            {
                var hold = new HeldLease(mine, asked, leaseLostCallback);
                Replace(hold);
                _ = KeepAsync(hold);
                _tell("acquired the lease and stays in the cluster");
                return true;
            }

            if (_time.GetElapsedTime(begun) + Pause > patience)
            {
                _tell("did not get the lease: another node has it");
                return false;
            }

            await Task.Delay(Pause, _time);
        }
    }

    public override async Task<bool> Release()
    {
        if (Replace(null) is not { } held) return true;
        _tell("released the lease");
        await WithinAsync(Settings.TimeoutSettings.OperationTimeout, cancel => _table.ReleaseAsync(Settings.LeaseName, held.Version, cancel));
        return true;
    }

    public override bool CheckLease()
    {
        lock (_lock) return _held is { } held && Remaining(held) > TimeSpan.Zero;
    }

    /// <summary>Escapes a connection string for a quoted HOCON string.</summary>
    internal static string Quote(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private async Task KeepAsync(HeldLease hold)
    {
        Exception? failure = null;
        while (Remaining(hold) is var left && left > TimeSpan.Zero)
        {
            var pause = Settings.TimeoutSettings.HeartbeatInterval;
            await Task.Delay(left < pause ? left : pause, _time);
            if (!IsHeld(hold)) return;
            left = Remaining(hold);
            if (left <= TimeSpan.Zero) break;
            var asked = _time.GetTimestamp();
            try
            {
                var kept = await WithinAsync(left, cancel => _table.RenewAsync(Settings.LeaseName, hold.Version, Settings.TimeoutSettings.HeartbeatTimeout, cancel));
                if (!kept)
                {
                    failure = new LeaseException($"the lease '{Settings.LeaseName}' is no longer held by {Settings.OwnerName}");
                    break;
                }

                lock (_lock) hold.Since = asked;
            }
            catch (Exception e)
            {
                // Any exception type: renewal is retried while the lease is valid; after that the loss is reported.
                failure = e;
            }
        }

        Lose(hold, failure ?? new LeaseException($"the lease '{Settings.LeaseName}' could not be renewed in time"));
    }

    /// <summary>Runs one database operation; every failure becomes a <see cref="LeaseException"/>.</summary>
    private async Task<T> WithinAsync<T>(TimeSpan time, Func<CancellationToken, Task<T>> ask)
    {
        using var patience = new CancellationTokenSource(time, _time);
        try
        {
            return await ask(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new LeaseTimeoutException($"the database did not answer about the lease '{Settings.LeaseName}'", e);
        }
        catch (DirectoryException e)
        {
            throw new LeaseException(e.Message, e);
        }
    }

    private void Lose(HeldLease hold, Exception why)
    {
        lock (_lock)
        {
            if (_held != hold) return;
            _held = null;
        }

        _tell("lost the lease: " + why.Message);
        hold.Lost?.Invoke(why);
    }

    private HeldLease? Replace(HeldLease? next)
    {
        lock (_lock)
        {
            var before = _held;
            _held = next;
            return before;
        }
    }

    private bool IsHeld(HeldLease hold)
    {
        lock (_lock) return _held == hold;
    }

    private TimeSpan Remaining(HeldLease hold)
    {
        lock (_lock) return Settings.TimeoutSettings.HeartbeatTimeout - _time.GetElapsedTime(hold.Since);
    }

    /// <summary>One acquisition of the lease.</summary>
    private sealed class HeldLease(long version, long since, Action<Exception>? lost)
    {
        public long Version { get; } = version;

        public Action<Exception>? Lost { get; } = lost;

        /// <summary>Timestamp of the last request that the database confirmed.</summary>
        public long Since { get; set; } = since;
    }
}
