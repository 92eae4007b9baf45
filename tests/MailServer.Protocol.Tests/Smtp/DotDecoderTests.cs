using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Protocol.Smtp.Client;
using MailServer.Protocol.Smtp.Content;

namespace MailServer.Protocol.Tests.Smtp;

public sealed class DotDecoderTests
{
    // A small alphabet, so that dots, line endings and their halves meet in every order.
    private static readonly Gen<byte[]> Awkward = Gen.OneOfConst("\r\n", ".", "x", "\r\n.", "\r\n..", "yz", "\u00E9", " ").List[0, 60]
        .Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));

    [Fact]
    public void Dot_stuffing_round_trips_with_any_fragmentation() =>
        Gen.Select(Awkward, Gen.Int[1, 9], Gen.Int[1, 9]).Sample((content, written, read) =>
        {
            var wire = new ArrayBufferWriter<byte>();
            var stuffer = new DotStuffer();
            for (var at = 0; at < content.Length; at += written)
                stuffer.Write(wire, content.AsSpan(at, Math.Min(written, content.Length - at)));
            stuffer.End(wire);
            var terminated = content.Length == 0 || content.AsSpan().EndsWith("\r\n"u8) ? content : [.. content, .. "\r\n"u8];
            var (decoded, fault, rest) = Decode([.. wire.WrittenSpan, .. "NOOP"u8], read);
            Assert.Equal(MessageDataError.None, fault);
            Assert.Equal(terminated, decoded);
            Assert.Equal("NOOP"u8.ToArray(), rest);
        });

    [Fact]
    public void The_result_does_not_depend_on_fragmentation() =>
        Gen.Select(Gen.OneOfConst((byte)'\r', (byte)'\n', (byte)'.', (byte)'x', (byte)0).Array[0, 40], Gen.Int[1, 5]).Sample((octets, piece) =>
        {
            byte[] input = [.. octets, .. "\r\n.\r\n"u8];
            var whole = Decode(input, input.Length);
            var pieces = Decode(input, piece);
            Assert.Equal(whole.Fault, pieces.Fault);
            Assert.Equal(whole.After, pieces.After);
            if (whole.Fault == MessageDataError.None) Assert.Equal(whole.Content, pieces.Content);
        });

    [Fact]
    public void Only_CRLF_dot_CRLF_ends_the_data() =>
        Gen.OneOfConst((byte)'\r', (byte)'\n', (byte)'.', (byte)'x').Array[0, 30].Sample(octets =>
        {
            byte[] input = [.. octets, .. "\r\n.\r\n"u8];
            // The content begins after the CRLF of the DATA command.
            byte[] line = [.. "\r\n"u8, .. input];
            var end = line.AsSpan().IndexOf("\r\n.\r\n"u8) + 5 - 2;
            Assert.Equal(input[end..], Decode(input, 3).After);
        });

    [Theory]
    [InlineData("a\nb\r\n.\r\n", nameof(MessageDataError.BareLineEnding))]
    [InlineData("a\rb\r\n.\r\n", nameof(MessageDataError.BareLineEnding))]
    [InlineData("a\r\r\n.\r\n", nameof(MessageDataError.BareLineEnding))]
    [InlineData("a\r\n.\rb\r\n.\r\n", nameof(MessageDataError.BareLineEnding))]
    [InlineData("a\0\r\n.\r\n", nameof(MessageDataError.Nul))]
    [InlineData("12345678901\r\n.\r\n", nameof(MessageDataError.LineTooLong))]
    [InlineData("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n.\r\n", nameof(MessageDataError.TooLarge))]
    [InlineData("1\r\n2\r\n3\r\n4\r\n5\r\n..\r\n.\r\n", nameof(MessageDataError.None))]
    public void Errors_are_named(string text, string expected) =>
        Assert.Equal(expected, Decode(Encoding.ASCII.GetBytes(text), 4, new Limits { SmtpTextLine = 10, MaxMessageSize = 20 }).Fault.ToString());

    private static (byte[] Content, MessageDataError Fault, byte[] After) Decode(byte[] input, int piece, Limits? limits = null)
    {
        var decoder = new DotDecoder(limits ?? Limits.Default);
        var output = new ArrayBufferWriter<byte>();
        for (var at = 0; at < input.Length; at += piece)
        {
            var sequence = new ReadOnlySequence<byte>(input, at, Math.Min(piece, input.Length - at));
            if (decoder.Decode(ref sequence, output))
                return (output.WrittenSpan.ToArray(), decoder.Error, [.. sequence.ToArray(), .. input.AsSpan(Math.Min(at + piece, input.Length))]);
            Assert.True(sequence.IsEmpty);
        }

        Assert.Fail("the end was not found");
        return default;
    }
}
