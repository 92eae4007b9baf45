using System.Diagnostics;
using System.Globalization;

namespace MailServer.Load;

/// <summary>One session in IDLE on INBOX: it records when each message was announced.</summary>
internal sealed class IdleSession : IDisposable
{
    private readonly ImapConnection _connection;
    private readonly Lock _gate = new();
    private TaskCompletionSource<long>? _waiting;
    private int _messages;
    private bool _over;

    private IdleSession(ImapConnection connection, int messages)
    {
        _connection = connection;
        _messages = messages;
    }

    /// <summary>Completes when the session is disposed; fails when the server drops the session or announces a message that was not sent.</summary>
    public Task Reading { get; private set; } = Task.CompletedTask;

    public static async Task<IdleSession> OpenAsync(TargetServer target, int user)
    {
        var connection = await ImapConnection.LoginAsync(target, user, tls: true, idles: true);
        var messages = await connection.CountAsync("INBOX");
        await connection.CommandAsync("SELECT INBOX");
        await connection.IdleAsync();
        var session = new IdleSession(connection, messages);
        session.Reading = session.ReadAsync();
        return session;
    }

    /// <summary>Waits for the next announcement and returns its time as a <see cref="Stopwatch"/> timestamp. Only one call may be pending.</summary>
    public Task<long> NextAsync()
    {
        lock (_gate)
        {
            _waiting = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true) Hear(await _connection.PushedAsync());
        }
        catch (Exception) when (Volatile.Read(ref _over))
        {
        }
    }

    private void Hear(string line)
    {
        var now = Stopwatch.GetTimestamp();
        if (!line.EndsWith(" EXISTS", StringComparison.Ordinal)) return;
        var count = int.Parse(line.AsSpan(2, line.Length - 2 - " EXISTS".Length), CultureInfo.InvariantCulture);
        lock (_gate)
        {
            if (count == _messages) return;
            if (count != _messages + 1 || _waiting is null) throw new LoadException($"{_messages} messages, one sent, and the server says: {line}");
            _messages = count;
            _waiting.TrySetResult(now);
            _waiting = null;
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _over, true);
        _connection.Dispose();
    }
}
