using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailServer.Network.Tests.Dns;

/// <summary>A DNS server on loopback (UDP) with records set by the test. Other names do not exist.</summary>
internal sealed class FakeDnsServer : IDisposable
{
    private const int HeaderLength = 12;
    private const byte ServerFailure = 2;
    private const byte NotExistent = 3;
    private readonly UdpClient _socket;
    private readonly Dictionary<string, List<(ushort Type, byte[] Data)>> _zone = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _failing = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _silent = new(StringComparer.OrdinalIgnoreCase);
    private int _questions;

    public FakeDnsServer(string address = "127.0.0.1", int port = 0)
    {
        _socket = new UdpClient(new IPEndPoint(IPAddress.Parse(address), port));
        _ = ServeAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    public int Questions => Volatile.Read(ref _questions);

    public FakeDnsServer Address(string name, string address)
    {
        var ip = IPAddress.Parse(address);
        return Add(name, (ushort)(ip.AddressFamily == AddressFamily.InterNetwork ? 1 : 28), ip.GetAddressBytes());
    }

    public FakeDnsServer Mx(string name, ushort preference, string host) => Add(name, 15, [(byte)(preference >> 8), (byte)preference, .. Name(host)]);

    public FakeDnsServer Text(string name, params string[] strings) =>
        Add(name, 16, [.. strings.Select(Encoding.Latin1.GetBytes).SelectMany(s => (byte[])[(byte)s.Length, .. s])]);

    public FakeDnsServer Pointer(string name, string host) => Add(name, 12, Name(host));

    public FakeDnsServer Alias(string name, string target) => Add(name, 5, Name(target));

    public FakeDnsServer Remove(string name)
    {
        lock (_zone) _zone.Remove(name);
        return this;
    }

    public FakeDnsServer Service(string name, ushort port, string host) => Add(name, 33, [0, 0, 0, 1, (byte)(port >> 8), (byte)port, .. Name(host)]);

    public FakeDnsServer Failing(string name)
    {
        _failing.Add(name);
        return this;
    }

    public FakeDnsServer Silent(string name)
    {
        _silent.Add(name);
        return this;
    }

    public void Dispose() => _socket.Dispose();

    private FakeDnsServer Add(string name, ushort type, byte[] data)
    {
        lock (_zone)
        {
            if (!_zone.TryGetValue(name, out var records)) _zone.Add(name, records = []);
            records.Add((type, data));
        }

        return this;
    }

    private static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync();
                Interlocked.Increment(ref _questions);
                if (Answer(question.Buffer) is { } answer) await _socket.SendAsync(answer, question.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    private byte[]? Answer(byte[] question)
    {
        var labels = new List<string>();
        var end = HeaderLength;
        for (; question[end] != 0; end += question[end] + 1) labels.Add(Encoding.ASCII.GetString(question, end + 1, question[end]));
        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(end + 1));
        end += 5;
        var name = string.Join('.', labels);
        if (_silent.Contains(name)) return null;
        var answers = new List<byte[]>();
        var code = _failing.Contains(name) ? ServerFailure : Collect(name, type, answers);
        byte[] header = [question[0], question[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)answers.Count, 0, 0, 0, 0];
        return [.. header, .. question[HeaderLength..end], .. answers.SelectMany(a => a)];
    }

    private byte Collect(string name, ushort type, List<byte[]> answers)
    {
        lock (_zone)
        {
            if (!_zone.TryGetValue(name, out var records)) return NotExistent;
            foreach (var (kind, data) in records.Where(r => r.Type == type || r.Type == 5))
            {
                answers.Add([.. Name(name), (byte)(kind >> 8), (byte)kind, 0, 1, 0, 0, 0, 60, (byte)(data.Length >> 8), (byte)data.Length, .. data]);
                if (kind == 5 && type != 5) return Collect(TargetOf(data), type, answers);
            }

            return 0;
        }
    }

    private static string TargetOf(byte[] data)
    {
        var labels = new List<string>();
        for (var at = 0; data[at] != 0; at += data[at] + 1) labels.Add(Encoding.ASCII.GetString(data, at + 1, data[at]));
        return string.Join('.', labels);
    }
}
