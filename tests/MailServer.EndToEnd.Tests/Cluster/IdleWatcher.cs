using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>An IMAP client that idles on an INBOX and records the notifications; it never reconnects.</summary>
public sealed class IdleWatcher : IAsyncDisposable
{
    private readonly TcpClient _client = new();
    private readonly List<string> _lines = [];
    private Task _reading = Task.CompletedTask;

    private IdleWatcher()
    {
    }

    /// <summary>The reason why the connection ended; null while it is open.</summary>
    public string? Ended { get; private set; }

    /// <summary>The highest message count announced to it.</summary>
    public int Exists { get; private set; }

    /// <summary>The number of announcements; messages that arrive together share one.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public static async Task<IdleWatcher> StartAsync(ClusterNode node, string account)
    {
        var watcher = new IdleWatcher();
        await watcher._client.ConnectAsync(node.Address, node.Imap);
        var stream = watcher._client.GetStream();
        var reader = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"a LOGIN {account} \"{ClusterRig.Password}\"\r\nb SELECT INBOX\r\nc IDLE\r\n"));
        while (await reader.ReadLineAsync() is { } line)
        {
            watcher.Note(line);
            if (line.StartsWith("+ ", StringComparison.Ordinal)) break;
            Assert.False(line.Contains(" NO ", StringComparison.Ordinal) || line.Contains(" BAD ", StringComparison.Ordinal), line);
        }

        watcher._reading = watcher.ReadAsync(reader);
        return watcher;
    }

    public Task HearsOfAsync(int messages, TimeSpan within) =>
        Eventually.BecomesTrueAsync(() => Exists >= messages, string.Create(CultureInfo.InvariantCulture, $"an idling client hears of {messages} messages (it knows of {Exists}; {Ended})"), within);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _reading;
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line) Note(line);
            Ended = "closed by the server after: " + string.Join(" | ", Lines.TakeLast(2));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            Ended = e.Message;
        }
    }

    private void Note(string line)
    {
        lock (_lines) _lines.Add(line);
        if (line.Split(' ') is ["*", var count, "EXISTS"]) Exists = int.Parse(count, CultureInfo.InvariantCulture);
    }
}
