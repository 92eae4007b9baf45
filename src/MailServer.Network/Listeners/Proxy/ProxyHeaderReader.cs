using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailServer.Network.Listeners.Proxy;

/// <summary>
/// Parses the PROXY protocol header, version 1 (text) or 2 (binary), according to the HAProxy specification (revision of 2020, sections 2.1 and 2.2). It
/// never reads past the header, and never needs more octets than the longest header has.
/// </summary>
internal static class ProxyHeaderReader
{
    private const int LongestLine = 107; // §2.1
    private const int FixedLength = 16;
    private const int LongestBlock = 2_048; // addresses and TLVs; the specification sends no more than 536 in practice
    private const int Ipv4Block = 12;
    private const int Ipv6Block = 36;

    private static ReadOnlySpan<byte> LineSignature => "PROXY "u8;

    private static ReadOnlySpan<byte> BinarySignature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <param name="input">Data from the start of the connection.</param>
    /// <param name="header">The header, if it was parsed.</param>
    /// <param name="length">The length of the header in octets.</param>
    public static ProxyHeaderStatus Read(in ReadOnlySequence<byte> input, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        Span<byte> buffer = stackalloc byte[FixedLength + LongestBlock];
        var taken = input.Slice(0, Math.Min(input.Length, buffer.Length));
        taken.CopyTo(buffer);
        var octets = buffer[..(int)taken.Length];
        if (octets.IsEmpty) return ProxyHeaderStatus.NeedMore;
        if (Begins(octets, BinarySignature)) return ReadBinary(octets, out header, out length);
        return Begins(octets, LineSignature) ? ReadLine(octets, out header, out length) : ProxyHeaderStatus.Malformed;
    }

    private static bool Begins(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
    {
        var common = Math.Min(octets.Length, signature.Length);
        return octets[..common].SequenceEqual(signature[..common]);
    }

    private static ProxyHeaderStatus ReadLine(ReadOnlySpan<byte> octets, out ProxyHeader? header, out int length)
    {
        header = null;
        var end = octets.IndexOf("\r\n"u8);
        length = end + 2;
        if (end < 0) return octets.Length >= LongestLine ? ProxyHeaderStatus.Malformed : ProxyHeaderStatus.NeedMore;
        if (length > LongestLine) return ProxyHeaderStatus.Malformed;
        var words = Encoding.ASCII.GetString(octets[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
        {
            header = ProxyHeader.Local;
            return ProxyHeaderStatus.Parsed;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", var from, var to, var fromPort, var toPort]) return ProxyHeaderStatus.Malformed;
        var family = words[1] == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (!TryRead(from, fromPort, family, out var source) || !TryRead(to, toPort, family, out var destination)) return ProxyHeaderStatus.Malformed;
        header = new ProxyHeader(source, destination);
        return ProxyHeaderStatus.Parsed;
    }

    private static bool TryRead(string address, string port, AddressFamily family, out IPEndPoint endPoint)
    {
        endPoint = null!;
        // The framework also accepts '1' and '[::1]:25'.
        if (!IPAddress.TryParse(address, out var ip) || ip.AddressFamily != family || address.Contains('[', StringComparison.Ordinal)) return false;
        if (family == AddressFamily.InterNetwork && address.AsSpan().Count('.') != 3) return false;
        var digits = Encoding.ASCII.GetBytes(port);
        if (!Utf8Parser.TryParse(digits, out ushort number, out var used) || used != digits.Length) return false;
        endPoint = new IPEndPoint(ip, number);
        return true;
    }

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> octets, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        if (octets.Length < FixedLength) return ProxyHeaderStatus.NeedMore;
        var (version, command) = (octets[12] >> 4, octets[12] & 0xF);
        var block = BinaryPrimitives.ReadUInt16BigEndian(octets[14..]);
        if (version != 2 || command > 1 || block > LongestBlock) return ProxyHeaderStatus.Malformed;
        length = FixedLength + block;
        if (octets.Length < length) return ProxyHeaderStatus.NeedMore;
        header = command == 0 ? ProxyHeader.Local : ReadAddresses(octets[13], octets[FixedLength..length]);
        return header is null ? ProxyHeaderStatus.Malformed : ProxyHeaderStatus.Parsed;
    }

    private static ProxyHeader? ReadAddresses(byte family, ReadOnlySpan<byte> block) => family switch
    {
        0x11 => block.Length < Ipv4Block ? null : Addresses(block, 4),
        0x21 => block.Length < Ipv6Block ? null : Addresses(block, 16),
        _ => ProxyHeader.Local,
    };

    private static ProxyHeader Addresses(ReadOnlySpan<byte> block, int size)
    {
        var ports = block[(2 * size)..];
        return new ProxyHeader(
            new IPEndPoint(new IPAddress(block[..size]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(new IPAddress(block[size..(2 * size)]), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
    }
}
