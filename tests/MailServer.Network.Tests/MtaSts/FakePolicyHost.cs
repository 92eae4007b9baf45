using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailServer.Network.Tests.MtaSts;

/// <summary>An HTTPS server that answers every request with fixed octets, which a test may change.</summary>
internal sealed class FakePolicyHost : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly SslStreamCertificateContext _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _requests;

    private FakePolicyHost(X509Certificate2 certificate, X509Certificate2Collection chain, string address)
    {
        _certificate = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Requests => Volatile.Read(ref _requests);

    public string LastRequest { get; private set; } = "";

    /// <summary>The whole response; see <see cref="Ok"/>. Null: no response.</summary>
    public string? Answer { get; set; } = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    public static FakePolicyHost Start(X509Certificate2 certificate, X509Certificate2Collection chain, string address = "127.0.0.1") => new(certificate, chain, address);

    public static string Ok(string body, string type = "text/plain") =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)}\r\n\r\n{body}";

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
            while (true) conversations.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, _stop.Token);
            using var reader = new StreamReader(tls, Encoding.Latin1, leaveOpen: true);
            var request = new StringBuilder();
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line) request.Append(line).Append('\n');
            if (request.Length == 0) return;
            LastRequest = request.ToString();
            Interlocked.Increment(ref _requests);
            if (Answer is null) await Task.Delay(Timeout.Infinite, _stop.Token);
            await tls.WriteAsync(Encoding.Latin1.GetBytes(Answer!), _stop.Token);
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer has closed the connection, or the test has ended.
        }
    }
}
