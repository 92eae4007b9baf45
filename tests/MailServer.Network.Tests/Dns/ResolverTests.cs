using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MailServer.Network.Dns;

namespace MailServer.Network.Tests.Dns;

public sealed class ResolverTests
{
    private const byte NotExistent = 3;
    private const byte ServerFailure = 2;

    [Fact]
    public async Task Addresses_are_found()
    {
        using var server = new FakeServer(0, [192, 0, 2, 7]);
        var found = Assert.IsType<DnsAnswer<IPAddress>.Found>(await server.Resolver.AddressesAsync("mx.test", CancellationToken.None));
        Assert.Equal([IPAddress.Parse("192.0.2.7")], found.Values);
    }

    [Theory]
    [InlineData(NotExistent)]
    [InlineData(0)]
    public async Task A_name_without_addresses_is_none(byte code)
    {
        using var server = new FakeServer(code, null);
        Assert.IsType<DnsAnswer<IPAddress>.None>(await server.Resolver.AddressesAsync("mx.test", CancellationToken.None));
    }

    [Fact]
    public async Task A_failing_server_is_a_temporary_failure()
    {
        using var server = new FakeServer(ServerFailure, null);
        Assert.IsType<DnsAnswer<IPAddress>.TemporaryFailure>(await server.Resolver.AddressesAsync("mx.test", CancellationToken.None));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("[2001:db8::1]", "2001:db8::1")]
    public async Task An_address_is_its_own_answer(string text, string address)
    {
        var found = Assert.IsType<DnsAnswer<IPAddress>.Found>(await new Resolver([]).AddressesAsync(text, CancellationToken.None));
        Assert.Equal([IPAddress.Parse(address)], found.Values);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:53")]
    [InlineData("192.0.2.1:5353", "192.0.2.1:5353")]
    [InlineData("2001:db8::1", "[2001:db8::1]:53")]
    [InlineData("[2001:db8::1]:5353", "[2001:db8::1]:5353")]
    [InlineData("dns.test", null)]
    [InlineData("192.0.2.1:x", null)]
    public void A_server_is_an_address_with_or_without_port(string text, string? expected) =>
        Assert.Equal(expected, Resolver.TryParseServer(text, out var server) ? server.ToString() : null);

    /// <summary>Answers every A question with one address or a code; other questions with nothing or the code.</summary>
    private sealed class FakeServer : IDisposable
    {
        private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

        public FakeServer(byte code, byte[]? address)
        {
            Resolver = new Resolver([(IPEndPoint)_socket.Client.LocalEndPoint!]);
            _ = ServeAsync(code, address);
        }

        public Resolver Resolver { get; }

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync(byte code, byte[]? address)
        {
            try
            {
                while (true)
                {
                    var question = await _socket.ReceiveAsync();
                    await _socket.SendAsync(Answer(question.Buffer, code, address), question.RemoteEndPoint);
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // Disposed.
            }
        }

        private static byte[] Answer(byte[] question, byte code, byte[]? address)
        {
            var end = 12;
            while (question[end] != 0) end += question[end] + 1;
            end += 5;
            var isA = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(end - 4)) == 1;
            byte[] record = isA && address is not null ? [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. address] : [];
            byte[] header = [question[0], question[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)(record.Length > 0 ? 1 : 0), 0, 0, 0, 0];
            return [.. header, .. question[12..end], .. record];
        }
    }
}
