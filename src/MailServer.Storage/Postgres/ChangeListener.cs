using MailServer.Domain.Timing;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// Listens for changes that any node makes in the shared database (LISTEN). Changes are missed
/// while the connection is lost, so after a reconnection everything is reported as changed.
/// </summary>
public sealed class ChangeListener : IAsyncDisposable, IDisposable
{
    /// <summary>Topic: domains, accounts, aliases, passwords.</summary>
    public const string Directory = "directory";

    /// <summary>Topic: bans.</summary>
    public const string Bans = "bans";

    /// <summary>Topic: pauses of the queue.</summary>
    public const string QueuePauses = "queue-pauses";

    // Interval of the checks that detect a silently broken connection.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly PostgresDatabase _database;
    private readonly TimeProvider _time;
    private readonly Action<Exception?> _connection;
    private readonly ExponentialBackoff _retries = new(Retry, LongestRetry);
    private readonly Task _loop;
    private volatile bool _isListening;

    private ChangeListener(PostgresDatabase database, NpgsqlConnection first, TimeProvider time, Action<Exception?> connection)
    {
        _database = database;
        _time = time;
        _connection = connection;
        _isListening = true;
        _loop = RunAsync(first);
    }

    /// <summary>The subscribers; replaced under the lock.</summary>
    private Action<string>? Changed { get; set; }

    /// <summary>False while the connection is lost and changes of other nodes are missed.</summary>
    public bool IsListening => _isListening;

    /// <summary>Starts listening.</summary>
    /// <param name="database">The shared database.</param>
    /// <param name="time">Time source for reconnection delays.</param>
    /// <param name="connection">Called with the exception when the connection is lost, and with null when it is restored.</param>
    public static ChangeListener Start(PostgresDatabase database, TimeProvider time, Action<Exception?> connection)
    {
        ArgumentNullException.ThrowIfNull(database);
        var first = database.Open();
        try
        {
            using (var listen = new NpgsqlCommand($"LISTEN {PostgresSchema.Channel}", first)) listen.ExecuteNonQuery();
            return new ChangeListener(database, first, time, connection);
        }
        catch (Exception e) when (PostgresDatabase.IsFailure(e))
        {
            first.Dispose();
            throw database.Translate(e);
        }
    }

    /// <summary>Calls <paramref name="hear"/> with the topic of each change; it must return quickly.</summary>
    public void Subscribe(Action<string> hear)
    {
        lock (_stop) Changed += hear;
    }

    public void Unsubscribe(Action<string> hear)
    {
        lock (_stop) Changed -= hear;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(NpgsqlConnection first)
    {
        var stop = _stop.Token;
        var next = first;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = next ?? await ReconnectAsync(stop);
                next = null;
                await HearAsync(connection, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Exceptions of any type are retried: without this loop the node would never see changes of other nodes again.
                if (_isListening)
                {
                    _database.CloseIdleConnections();
                    _connection(e);
                }

                _isListening = false;
                await Task.Delay(_retries.Next(), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<NpgsqlConnection> ReconnectAsync(CancellationToken stop)
    {
        var connection = await _database.OpenAsync(stop);
        try
        {
            await using (var listen = new NpgsqlCommand($"LISTEN {PostgresSchema.Channel}", connection)) await listen.ExecuteNonQueryAsync(stop);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        // Results cached before this point are dropped after it, so that none can survive a missed change.
        _isListening = true;
        _retries.Reset();
        Changed?.Invoke(Directory);
        Changed?.Invoke(Bans);
        Changed?.Invoke(QueuePauses);
        _connection(null);
        return connection;
    }

    private async Task HearAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        connection.Notification += (_, note) => Changed?.Invoke(note.Payload);
        while (true)
        {
            if (await connection.WaitAsync(Silence, stop)) continue;
            await using var ping = new NpgsqlCommand("SELECT 1", connection);
            await ping.ExecuteNonQueryAsync(stop);
        }
    }
}
