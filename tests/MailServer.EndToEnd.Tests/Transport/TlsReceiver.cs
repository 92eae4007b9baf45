using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailServer.EndToEnd.Tests.Transport;

/// <summary>A message received by a <see cref="TlsReceiver"/>: the MAIL command, and whether TLS was in use.</summary>
public sealed record SecuredMessage(string Mail, bool UnderTls, string Content);

/// <summary>An SMTP server on an address of 127.0.0.0/8 that offers STARTTLS with a changeable certificate, or no TLS.</summary>
public sealed class TlsReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    public TlsReceiver(string address, int port)
    {
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Null: no STARTTLS.</summary>
    public X509Certificate2? Certificate { get; set; }

    public X509Certificate2Collection Chain { get; init; } = [];

    public bool OffersRequireTls { get; set; }

    public int Connections => Volatile.Read(ref _connections);

    public ConcurrentQueue<SecuredMessage> Messages { get; } = new();

    public async ValueTask DisposeAsync()
    {
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
            await SayAsync(client.GetStream(), "220 receiver.example");
            if (!await ObeyAsync(client.GetStream(), underTls: false))
            {
                return;
            }

            await using var tls = new SslStream(client.GetStream());
            var context = SslStreamCertificateContext.Create(Certificate!, Chain, offline: true);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, _stop.Token);
            await ObeyAsync(tls, underTls: true);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer has closed the connection, or the test has ended.
        }
    }

    /// <summary>Returns true when TLS must start now.</summary>
    private async Task<bool> ObeyAsync(Stream stream, bool underTls)
    {
        var mail = "";
        while (await ReadLineAsync(stream) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync(stream, "250-receiver.example\r\n" + (underTls || Certificate is null ? "" : "250-STARTTLS\r\n")
                        + (underTls && OffersRequireTls ? "250-REQUIRETLS\r\n" : "") + "250 8BITMIME");
                    break;
                case "STARTTLS":
                    await SayAsync(stream, "220 2.0.0 go");
                    return true;
                case "MAIL":
                    mail = line;
                    await SayAsync(stream, "250 2.1.0 ok");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 go");
                    Messages.Enqueue(new SecuredMessage(mail, underTls, await ContentAsync(stream)));
                    await SayAsync(stream, "250 2.0.0 taken");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 2.0.0 bye");
                    return false;
                default:
                    await SayAsync(stream, "250 2.0.0 ok");
                    break;
            }
        }

        return false;
    }

    private async Task SayAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), _stop.Token);

    private async Task<string> ContentAsync(Stream stream)
    {
        var content = new StringBuilder();
        while (await ReadLineAsync(stream) is { } line)
        {
            if (line == ".")
            {
                return content.ToString();
            }

            content.Append(line).Append("\r\n");
        }

        throw new IOException("the content has no end");
    }

    /// <summary>Reads octet by octet: nothing after STARTTLS may be read early.</summary>
    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var octet = new byte[1];
        while (await stream.ReadAsync(octet, _stop.Token) == 1)
        {
            if (octet[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)octet[0]);
        }

        return null;
    }
}
