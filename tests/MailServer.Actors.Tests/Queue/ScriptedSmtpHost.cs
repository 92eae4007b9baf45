using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailServer.Actors.Tests.Queue;

/// <summary>
/// An SMTP host on loopback that accepts every message. It can give odd replies at chosen stages: greeting, ehlo, helo, mail, rcpt1 and so on, data, dot,
/// quit. A reply is sent as it is; <see cref="Close"/> closes the connection and <see cref="Silence"/> sends nothing.
/// </summary>
internal sealed class ScriptedSmtpHost : IDisposable
{
    public const string Close = "(close)";
    public const string Silence = "(silence)";

    private readonly IReadOnlyDictionary<string, string> _replies;
    private readonly TcpListener _listener;
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly ConcurrentQueue<string> _transfers = new();
    private int _connections;

    public ScriptedSmtpHost(IReadOnlyDictionary<string, string>? replies = null, IPAddress? address = null, int port = 0)
    {
        _replies = replies ?? new Dictionary<string, string>(StringComparer.Ordinal);
        _listener = new TcpListener(address ?? IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The host closes each connection at once, and earlier ones at their next command.</summary>
    public bool IsDown { get; set; }

    /// <summary>Completes when the host may greet its clients.</summary>
    public Task Ready { get; init; } = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>All commands, in order.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    /// <summary>The content of each message that was sent up to the dot, whatever the reply.</summary>
    public IReadOnlyList<string> Transfers => [.. _transfers];

    /// <summary>The number of messages that were sent up to the dot.</summary>
    public int Messages => _transfers.Count;

    /// <summary>The RCPT commands, in order.</summary>
    public IReadOnlyList<string> Recipients => [.. _commands.Where(static c => c.StartsWith("RCPT", StringComparison.Ordinal))];

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        Interlocked.Increment(ref _connections);
        if (IsDown) return;
        try
        {
            await Ready;
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            if (!await SayAsync(client, "greeting", "220 host\r\n")) return;
            var recipients = 0;
            StringBuilder? content = null;
            while (await reader.ReadLineAsync() is { } line)
            {
                if (IsDown) return;
                if (content is not null && line != ".")
                {
                    content.Append(line).Append("\r\n");
                    continue;
                }

                if (content is null) _commands.Enqueue(line);
                else _transfers.Enqueue(content.ToString());
                var stage = content is not null ? "dot" : line.Split(' ')[0].ToLowerInvariant();
                if (stage == "mail") recipients = 0;
                if (stage == "rcpt") stage += ++recipients;
                content = stage == "data" && !_replies.ContainsKey(stage) ? new StringBuilder() : null;
                if (!await SayAsync(client, stage, stage == "data" ? "354 go\r\n" : "250 ok\r\n")) return;
            }
        }
        catch (IOException)
        {
            // The peer has closed the connection.
        }
    }

    /// <summary>False when the connection is to be closed.</summary>
    private async Task<bool> SayAsync(TcpClient client, string stage, string usual)
    {
        var reply = _replies.GetValueOrDefault(stage, usual);
        if (reply == Close) return false;
        if (reply != Silence) await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(reply));
        return true;
    }
}
