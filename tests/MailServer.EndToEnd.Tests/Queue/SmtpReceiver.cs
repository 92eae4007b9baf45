using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>How a receiver reacts to its client.</summary>
public enum ReceiverBehavior
{
    Takes,

    /// <summary>Replies 451 to every recipient.</summary>
    Defers,

    /// <summary>Replies 550 to every recipient.</summary>
    Refuses,

    /// <summary>Sends no greeting.</summary>
    Hangs,

    /// <summary>Closes the connection when content arrives.</summary>
    ClosesInData,

    /// <summary>Accepts the message, and closes the connection instead of replying.</summary>
    ClosesAfterDot,

    /// <summary>Sends each reply in many pieces.</summary>
    Dribbles,

    /// <summary>Replies 220 to STARTTLS, and then does not handshake.</summary>
    BreaksTls,

    /// <summary>Does not announce 8BITMIME.</summary>
    SevenBit,
}

/// <summary>An SMTP server on an address of 127.0.0.0/8, with a <see cref="ReceiverBehavior"/> that may change.</summary>
public sealed class SmtpReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;
    private int _ended;

    private SmtpReceiver(string address, int port, ReceiverBehavior behavior)
    {
        Behavior = behavior;
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ReceiverBehavior Behavior { get; set; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The messages it received, acknowledged or not.</summary>
    public ConcurrentQueue<SunkMessage> Messages { get; } = new();

    public static SmtpReceiver Start(string address, int port, ReceiverBehavior behavior = ReceiverBehavior.Takes) => new(address, port, behavior);

    public async ValueTask DisposeAsync()
    {
        // A test that needs a host which is not there any more ends it early.
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var conversations = new List<Task>();
        try
        {
            while (true)
            {
                conversations.Add(ConverseAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using var _ = client;
        Interlocked.Increment(ref _connections);
        try
        {
            if (Behavior == ReceiverBehavior.Hangs)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }

            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            await ObeyAsync(reader, client.GetStream());
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer has closed the connection, or the test has ended.
        }
    }

    private async Task ObeyAsync(StreamReader reader, NetworkStream stream)
    {
        var sender = "";
        var recipients = new List<string>();
        await SayAsync(stream, "220 receiver.example");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync(stream, "250-receiver.example\r\n250-PIPELINING\r\n" + (Behavior == ReceiverBehavior.BreaksTls ? "250-STARTTLS\r\n" : "") + (Behavior == ReceiverBehavior.SevenBit ? "250 HELP" : "250 8BITMIME"));
                    break;
                case "STARTTLS":
                    await SayAsync(stream, "220 go\r\n500 this is no handshake");
                    return;
                case "MAIL":
                    (sender, recipients) = (Path(line), []);
                    await SayAsync(stream, "250 2.1.0 ok");
                    break;
                case "RCPT" when Behavior == ReceiverBehavior.Refuses || line.Contains("refused", StringComparison.Ordinal):
                    await SayAsync(stream, "550 5.1.1 nobody of that name");
                    break;
                case "RCPT" when Behavior == ReceiverBehavior.Defers:
                    await SayAsync(stream, "451 4.2.0 come back later");
                    break;
                case "RCPT":
                    recipients.Add(Path(line));
                    await SayAsync(stream, "250 2.1.5 ok");
                    break;
                case "DATA" when recipients.Count == 0:
                    await SayAsync(stream, "554 5.5.1 for nobody");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 go");
                    if (Behavior == ReceiverBehavior.ClosesInData)
                    {
                        await reader.ReadLineAsync(_stop.Token);
                        return;
                    }

                    Messages.Enqueue(new SunkMessage(sender, recipients, await ContentAsync(reader)));
                    if (Behavior == ReceiverBehavior.ClosesAfterDot)
                    {
                        return;
                    }

                    await SayAsync(stream, "250 2.0.0 taken");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 2.0.0 bye");
                    return;
                default:
                    await SayAsync(stream, "250 2.0.0 ok");
                    break;
            }
        }
    }

    private async Task SayAsync(NetworkStream stream, string text)
    {
        var octets = Encoding.ASCII.GetBytes(text + "\r\n");
        var piece = Behavior == ReceiverBehavior.Dribbles ? 1 : octets.Length;
        for (var at = 0; at < octets.Length; at += piece)
        {
            await stream.WriteAsync(octets.AsMemory(at, piece), _stop.Token);
            if (piece == 1)
            {
                await Task.Delay(2, _stop.Token);
            }
        }
    }

    private async Task<string> ContentAsync(StreamReader reader)
    {
        var content = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line == ".")
            {
                return content.ToString();
            }

            content.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        throw new IOException("the content has no end");
    }

    private static string Path(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
}
