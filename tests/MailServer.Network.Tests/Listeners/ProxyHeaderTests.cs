using System.Buffers;
using System.Net;
using System.Text;
using CsCheck;
using MailServer.Network.Listeners.Proxy;

namespace MailServer.Network.Tests.Listeners;

public sealed class ProxyHeaderTests
{
    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];
    private static readonly Gen<IPEndPoint> EndPoint4 = Gen.Select(Gen.Byte.Array[4], Gen.UShort, (a, p) => new IPEndPoint(new IPAddress(a), p));
    private static readonly Gen<IPEndPoint> EndPoint6 = Gen.Select(Gen.Byte.Array[16], Gen.UShort, (a, p) => new IPEndPoint(new IPAddress(a), p));

    [Fact]
    public void Every_address_round_trips_in_both_versions_with_any_fragmentation() =>
        Gen.Select(Gen.OneOf(Gen.Select(EndPoint4, EndPoint4), Gen.Select(EndPoint6, EndPoint6)), Gen.Byte.Array[0, 40]).Sample((pair, rest) =>
        {
            var (source, destination) = pair;
            foreach (var header in new[] { Line(source, destination), Block(source, destination, extra: rest.Length) })
            {
                Assert.Equal(ProxyHeaderStatus.Parsed, Read([.. header, .. rest], out var found, out var length));
                Assert.Equal((source, destination, header.Length), (found!.Source, found.Destination, length));
                for (var cut = 0; cut < header.Length; cut++) Assert.Equal(ProxyHeaderStatus.NeedMore, Read(header[..cut], out _, out _));
            }
        }, iter: 200);

    [Fact]
    public void Garbage_is_rejected_or_incomplete_and_never_throws() => Gen.Select(Gen.OneOfConst("", "PROXY ", "PROXY TCP4 ", "PROXY TCP6 ::1 ", "\r\n\r\n\0\r\nQUIT\n", "\r\n\r\n\0\r\nQUIT\n\x21\x11"), Gen.Byte.Array[0, 200]).Sample((start, rest) =>
    {
        var octets = Encoding.Latin1.GetBytes(start).Concat(rest).ToArray();
        var reading = Read(octets, out var header, out var length);
        Assert.Equal(reading == ProxyHeaderStatus.Parsed, header is not null);
        if (reading == ProxyHeaderStatus.Parsed) Assert.InRange(length, 1, octets.Length);
        // More octets than the longest header decide it either way.
        if (octets.Length > 20_000) Assert.NotEqual(ProxyHeaderStatus.NeedMore, reading);
    });

    [Theory]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n")]
    [InlineData("PROXY TCP4 1 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 ::1 ::2 1 2\r\n")]
    [InlineData("PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP6 [::1]:25 ::2 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n")]
    [InlineData("PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("EHLO client\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Text_that_is_not_a_header_is_malformed(string text) => Assert.Equal(ProxyHeaderStatus.Malformed, Read(Encoding.ASCII.GetBytes(text), out _, out _));

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n")]
    public void A_proxy_may_omit_the_client_address(string text)
    {
        Assert.Equal(ProxyHeaderStatus.Parsed, Read(Encoding.ASCII.GetBytes(text), out var header, out _));
        Assert.Null(header!.Source);
    }

    [Theory]
    [InlineData(0x20, 0x00, 0, true)]
    [InlineData(0x20, 0x11, 12, true)]
    [InlineData(0x21, 0x00, 0, true)]
    [InlineData(0x21, 0x11, 11, false)]
    [InlineData(0x21, 0x21, 35, false)]
    [InlineData(0x11, 0x11, 12, false)]
    [InlineData(0x22, 0x11, 12, false)]
    public void The_binary_header_must_have_its_exact_form(byte command, byte family, byte length, bool isRight)
    {
        var reading = Read([.. Signature, command, family, 0, length, .. new byte[length]], out _, out _);
        Assert.Equal(isRight ? ProxyHeaderStatus.Parsed : ProxyHeaderStatus.Malformed, reading);
    }

    private static ProxyHeaderStatus Read(byte[] octets, out ProxyHeader? header, out int length) =>
        ProxyHeaderReader.Read(new ReadOnlySequence<byte>(octets), out header, out length);

    private static byte[] Line(IPEndPoint source, IPEndPoint destination) => Encoding.ASCII.GetBytes(
        $"PROXY TCP{(source.Address.GetAddressBytes().Length == 4 ? 4 : 6)} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n");

    private static byte[] Block(IPEndPoint source, IPEndPoint destination, int extra)
    {
        var (from, to) = (source.Address.GetAddressBytes(), destination.Address.GetAddressBytes());
        byte[] block = [.. from, .. to, (byte)(source.Port >> 8), (byte)source.Port, (byte)(destination.Port >> 8), (byte)destination.Port, .. new byte[extra]];
        return [.. Signature, 0x21, (byte)(from.Length == 4 ? 0x11 : 0x21), (byte)(block.Length >> 8), (byte)block.Length, .. block];
    }
}
