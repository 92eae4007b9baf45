using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace MailServer.EndToEnd.Tests.Mail;

/// <summary>A connection on which a test sends exact lines. Octets are Latin-1 characters.</summary>
public sealed class WireClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TcpClient _client;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Stream _stream;
    private int _start;
    private int _end;
    private int _tag;

    private WireClient(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    /// <param name="port">The port of the server, on loopback.</param>
    /// <param name="tls">True: starts with the TLS handshake.</param>
    /// <param name="from">The local loopback address.</param>
    /// <param name="to">The address of the server.</param>
    public static async Task<WireClient> ConnectAsync(int port, bool tls = false, string from = "127.0.0.1", string to = "127.0.0.1")
    {
        var client = new TcpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(from), 0)) { NoDelay = true };
        await client.ConnectAsync(to, port);
        var wire = new WireClient(client);
        if (tls)
        {
            await wire.StartTlsAsync();
        }

        return wire;
    }

    /// <summary>Performs the TLS handshake; send STARTTLS first.</summary>
    public async Task StartTlsAsync()
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        });
        _stream = tls;
        _start = _end = 0;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        await _stream.WriteAsync(octets, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    public Task SendAsync(string text, CancellationToken cancellationToken = default) => SendAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    /// <summary>Returns the next line without its CRLF; null when the server has closed the connection.</summary>
    public async Task<string?> ReadLineAsync(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? Patience);
        var line = new StringBuilder();
        while (true)
        {
            var lineFeed = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            if (lineFeed >= 0)
            {
                line.Append(Encoding.Latin1.GetString(_buffer, _start, lineFeed - _start));
                _start = lineFeed + 1;
                return line.ToString().TrimEnd('\r');
            }

            line.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
            if (!await FillAsync(deadline.Token))
            {
                return line.Length == 0 ? null : line.ToString();
            }
        }
    }

    /// <summary>Reads exactly this many octets, as Latin-1.</summary>
    public async Task<string> ReadOctetsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var text = new StringBuilder(count);
        while (text.Length < count)
        {
            if (_start == _end && !await FillAsync(deadline.Token))
            {
                throw new EndOfStreamException($"closed after {text.Length} of {count} octets");
            }

            var take = Math.Min(count - text.Length, _end - _start);
            text.Append(Encoding.Latin1.GetString(_buffer, _start, take));
            _start += take;
        }

        return text.ToString();
    }

    /// <summary>Reads until the server closes the connection; returns everything it sent. A time-out is an error.</summary>
    public async Task<string> ReadToEndAsync(TimeSpan within)
    {
        var text = new StringBuilder();
        try
        {
            while (await ReadLineAsync(within) is { } line)
            {
                text.Append(line).Append("\r\n");
            }
        }
        catch (IOException)
        {
            // A reset counts as a close.
        }

        return text.ToString();
    }

    /// <summary>Reads a whole SMTP reply, with its lines joined by line feeds.</summary>
    public async Task<string> SmtpReplyAsync()
    {
        var reply = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            reply.Add(line);
            if (line.Length < 4 || line[3] != '-')
            {
                break;
            }
        }

        return string.Join('\n', reply);
    }

    public async Task<string> SmtpAsync(string command)
    {
        await SendAsync(command + "\r\n");
        return await SmtpReplyAsync();
    }

    /// <summary>Sends one IMAP command; returns every line up to the tagged one, which is the last, literals included.</summary>
    public async Task<IReadOnlyList<string>> ImapAsync(string command)
    {
        var tag = $"w{++_tag}";
        await SendAsync($"{tag} {command}\r\n");
        var lines = new List<string>();
        while (true)
        {
            var line = await ReadLineAsync() ?? throw new EndOfStreamException("closed in answer to " + command + ": " + string.Join('\n', lines));
            lines.Add(line);
            if (line.StartsWith(tag + " ", StringComparison.Ordinal) || line.StartsWith('+'))
            {
                return lines;
            }
        }
    }

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException)
        {
            // The server had already closed the connection.
        }

        _client.Dispose();
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = _end = 0;
        _end = await _stream.ReadAsync(_buffer, cancellationToken);
        return _end > 0;
    }
}
