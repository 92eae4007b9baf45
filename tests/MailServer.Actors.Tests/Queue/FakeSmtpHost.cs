using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailServer.Actors.Tests.Queue;

/// <summary>An SMTP host on loopback that accepts every message, or none and closes the connection at once. Counts both.</summary>
internal sealed class FakeSmtpHost : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _connections;
    private int _messages;
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _recipients = new();

    public FakeSmtpHost()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public bool IsDown { get; set; }

    /// <summary>Completes when the host may greet its clients.</summary>
    public Task Ready { get; init; } = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public int Messages => Volatile.Read(ref _messages);

    /// <summary>The RCPT commands in order.</summary>
    public IReadOnlyList<string> Recipients => [.. _recipients];

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
            await SayAsync(client, "220 host");
            var inData = false;
            while (await reader.ReadLineAsync() is { } line)
            {
                if (inData && line != ".") continue;
                if (line.StartsWith("RCPT", StringComparison.Ordinal)) _recipients.Enqueue(line);
                if (inData) Interlocked.Increment(ref _messages);
                inData = !inData && line == "DATA";
                await SayAsync(client, inData ? "354 go" : "250 ok");
            }
        }
        catch (IOException)
        {
            // The peer has closed the connection.
        }
    }

    private static async Task SayAsync(TcpClient client, string line) => await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
}
