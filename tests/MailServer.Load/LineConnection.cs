using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailServer.Load;

/// <summary>One connection, plain or TLS, with a line buffer. Any certificate is accepted.</summary>
internal sealed class LineConnection : IDisposable
{
    private const int TcpLevel = 6;
    private const int QuickAck = 12;

    private static readonly byte[] On = [1, 0, 0, 0];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly bool _waitsForEver;
    private Stream _stream;
    private byte[] _buffer;
    private int _start;
    private int _end;

    private LineConnection(Socket socket, int buffer, bool waitsForEver)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _buffer = new byte[buffer];
        _waitsForEver = waitsForEver;
    }

    /// <summary>The received and unread octets.</summary>
    public ReadOnlyMemory<byte> Pending => _buffer.AsMemory(_start, _end - _start);

    public static async Task<LineConnection> ConnectAsync(string host, int port, bool tls, int buffer = 16_384, bool waitsForEver = false)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var wire = new LineConnection(await ConnectedAsync(socket, host, port), buffer, waitsForEver);
        if (!tls) return wire;
        var secured = new SslStream(wire._stream);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            CertificateChainPolicy = NoChain(),
        });
        wire._stream = secured;
        return wire;
    }

    private static async Task<Socket> ConnectedAsync(Socket socket, string host, int port)
    {
        try
        {
            if (IPAddress.TryParse(host, out var address)) await socket.ConnectAsync(address, port);
            else await socket.ConnectAsync(host, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Building a chain to the system roots costs a client more than the handshake, and would distort the measurement.
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        VerificationFlags = X509VerificationFlags.AllFlags,
        DisableCertificateDownloads = true,
    };

    public ValueTask SendAsync(ReadOnlyMemory<byte> octets) => _stream.WriteAsync(octets);

    public ValueTask SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public void Take(int count) => _start += count;

    /// <summary>Waits for more octets after the pending ones. A minute of silence is a failure, except in IDLE.</summary>
    public async ValueTask FillAsync()
    {
        MakeRoom();
        // Quick ACKs: a server with Nagle's algorithm is measured by its work, not by the 40 ms delayed-ACK timer of a client.
        if (OperatingSystem.IsLinux()) _socket.SetRawSocketOption(TcpLevel, QuickAck, On);
        var reading = _stream.ReadAsync(_buffer.AsMemory(_end));
        var count = reading.IsCompleted || _waitsForEver ? await reading : await reading.AsTask().WaitAsync(Patience);
        if (count == 0) throw new LoadException("the server closed the connection");
        _end += count;
    }

    private void MakeRoom()
    {
        if (_start == _end) _start = _end = 0;
        if (_end < _buffer.Length) return;
        if (_start > 0)
        {
            Pending.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        else
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }

    /// <summary>The next line, without its CRLF.</summary>
    public async ValueTask<string> LineAsync()
    {
        int length;
        while ((length = Pending.Span.IndexOf((byte)'\n')) < 0) await FillAsync();
        var line = Encoding.Latin1.GetString(Pending.Span[..length].TrimEnd((byte)'\r'));
        Take(length + 1);
        return line;
    }

    public void Dispose() => _stream.Dispose();
}
