using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace MailServer.Tests.Web;

/// <summary>A response; status 0 when the server closed the connection without one.</summary>
public sealed record RawAnswer(int Status, string Head, string Body)
{
    public string? Header(string name) => Head.Split("\r\n").Skip(1).FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}

/// <summary>Sends request targets unchanged, octet for octet, without normalization. One connection is used as long as the server keeps it open.</summary>
/// <param name="door">The listener.</param>
/// <param name="client">The address of the client, sent in a PROXY header; null: none.</param>
public sealed class RawHttp(ListenerAddress door, string? client = null) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private Stream? _stream;
    private BufferedStream? _input;

    /// <param name="method">The method.</param>
    /// <param name="target">The request target, in ASCII or percent-encoded.</param>
    /// <param name="host">The Host field; null: none.</param>
    /// <param name="version">1.0 or 1.1.</param>
    /// <param name="fields">Additional header fields, each without its line ending.</param>
    /// <param name="body">The body; Content-Length is added for it.</param>
    public async Task<RawAnswer> SendAsync(string method, string target, string? host, string version = "1.1", IEnumerable<string>? fields = null, byte[]? body = null)
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{method} {target} HTTP/{version}\r\n");
        if (host is not null) head.Append(CultureInfo.InvariantCulture, $"Host: {host}\r\n");
        foreach (var field in fields ?? []) head.Append(field).Append("\r\n");
        if (body is not null) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        byte[] octets = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body ?? []];
        // A connection that the server has closed is reopened once.
        var isFresh = _stream is null;
        var answer = await TryAsync(octets, method);
        return answer.Status == 0 && !isFresh ? await TryAsync(octets, method) : answer;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task<RawAnswer> TryAsync(byte[] request, string method)
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            _stream ??= await ConnectAsync(late.Token);
            _input ??= new BufferedStream(_stream);
            // The server may respond and close before it has read everything.
            var writing = _stream.WriteAsync(request, late.Token).AsTask();
            var answer = await ReadAsync(_input, method, late.Token);
            if (!writing.IsCompletedSuccessfully || answer.Status == 0 || answer.Header("Connection") == "close" || answer.Head.StartsWith("HTTP/1.0", StringComparison.Ordinal)) await CloseAsync();
            try
            {
                await writing;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The request was refused before its end.
            }

            return answer;
        }
        catch (IOException)
        {
            await CloseAsync();
            return new RawAnswer(0, "", "");
        }
    }

    private async Task CloseAsync()
    {
        if (_stream is not null) await _stream.DisposeAsync();
        (_stream, _input) = (null, null);
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancel)
    {
        var socket = door.Socket is null
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(door.Socket is null ? new IPEndPoint(IPAddress.Loopback, door.Port) : new UnixDomainSocketEndPoint(door.Socket), cancel);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (client is not null) await stream.WriteAsync(Encoding.ASCII.GetBytes($"PROXY TCP4 {client} 127.0.0.1 40000 443\r\n"), cancel);
        if (!door.Tls) return stream;
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mail.example.org", RemoteCertificateValidationCallback = static (_, _, _, _) => true }, cancel);
        return tls;
    }

    private static async Task<RawAnswer> ReadAsync(Stream stream, string method, CancellationToken cancel)
    {
        var head = await ReadHeadAsync(stream, cancel);
        if (head.StartsWith("HTTP/1.1 100", StringComparison.Ordinal)) head = await ReadHeadAsync(stream, cancel);
        if (!head.StartsWith("HTTP/1.", StringComparison.Ordinal)) return new RawAnswer(0, "", "");
        var status = int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        var answer = new RawAnswer(status, head, "");
        if (method == "HEAD" || status is 204 or 304) return answer;
        if (answer.Header("Content-Length") is { } length) return answer with { Body = await ReadAsync(stream, int.Parse(length, CultureInfo.InvariantCulture), cancel) };
        if (answer.Header("Transfer-Encoding") is null) return answer with { Body = await ToEndAsync(stream, cancel) };
        var body = new StringBuilder();
        while (true)
        {
            var size = int.Parse(await ReadLineAsync(stream, cancel), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Append(await ReadAsync(stream, size, cancel));
            await ReadLineAsync(stream, cancel);
            if (size == 0) return answer with { Body = body.ToString() };
        }
    }

    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancel)
    {
        var head = new StringBuilder();
        while (await ReadLineAsync(stream, cancel) is { Length: > 0 } line) head.Append(line).Append("\r\n");
        return head.ToString();
    }

    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancel)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancel) == 1 && one[0] != '\n') line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }

    private static async Task<string> ReadAsync(Stream stream, int length, CancellationToken cancel)
    {
        var octets = new byte[length];
        await stream.ReadExactlyAsync(octets, cancel);
        return Encoding.Latin1.GetString(octets);
    }

    private static async Task<string> ToEndAsync(Stream stream, CancellationToken cancel)
    {
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, cancel);
        return Encoding.Latin1.GetString(copy.ToArray());
    }
}
