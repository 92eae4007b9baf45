using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.Tests.Smtp.Headers;

public sealed class SubmissionHeadersTests
{
    [Fact]
    public void Missing_date_and_message_id_are_added()
    {
        var headers = SubmissionHeaders.Read("From: a@example.org\r\nReceived: x\r\nReceived:\r\n y\r\n\r\nDate: body\r\n"u8);
        Assert.Equal((false, false, 1, 2), (headers.HasDate, headers.MessageId is not null, headers.FromFields, headers.ReceivedFields));
        var output = new ArrayBufferWriter<byte>();
        headers.WriteMissing(output, DateTimeOffset.UnixEpoch.ToOffset(TimeSpan.FromHours(-3.5)), "unique", "mx.example.org");
        Assert.Equal("Date: Wed, 31 Dec 1969 20:30:00 -0330\r\nMessage-ID: <unique@mx.example.org>\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Existing_fields_are_kept()
    {
        var output = new ArrayBufferWriter<byte>();
        SubmissionHeaders.Read("DATE: x\r\nmessage-id: y\r\n\r\n"u8).WriteMissing(output, DateTimeOffset.UnixEpoch, "unique", "mx");
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData("TLS-Required: No\r\n\r\n", true)]
    [InlineData("tls-required:\r\n  no \r\n\r\n", true)]
    [InlineData("TLS-Required: Yes\r\n\r\n", false)]
    [InlineData("TLS-Required: No\r\nTLS-Required: No\r\n\r\n", false)]
    [InlineData("Subject: TLS-Required: No\r\n\r\nTLS-Required: No\r\n", false)]
    public void TLS_Required_No_is_recognized_once_and_only_in_the_header(string header, bool optional) =>
        Assert.Equal(optional, SubmissionHeaders.Read(Encoding.ASCII.GetBytes(header)).TlsOptional);

    [Theory]
    [InlineData("Subject: x\r\n\r\n", 0)]
    [InlineData("From: a@example.org\r\nfrom : b@example.org\r\n\r\n", 2)]
    public void A_message_without_exactly_one_From_field_has_no_author(string header, int fields)
    {
        var headers = SubmissionHeaders.Read(Encoding.ASCII.GetBytes(header));
        Assert.Equal(fields, headers.FromFields);
        Assert.Null(headers.From);
    }

    [Theory]
    [InlineData("a@example.org", "a@example.org")]
    [InlineData("Joe <a@example.org>", "a@example.org")]
    [InlineData("\"b@example.net\" <a@example.org>", "a@example.org")]
    [InlineData("=?utf-8?q?x?= (b@example.net (nested \\) )) <a@example.org> (c)", "a@example.org")]
    [InlineData("b@example.net <a@example.org>", "a@example.org")]
    [InlineData("\"a b\"@example.org", "\"a b\"@example.org")]
    [InlineData("a . b @ example.org", "a.b@example.org")]
    [InlineData("a@example.org,\r\n B <b@example.org>", "a@example.org b@example.org")]
    [InlineData("team: a@example.org, b@example.org;", "a@example.org b@example.org")]
    [InlineData(", a@example.org ,", "a@example.org")]
    [InlineData("a@[192.0.2.1]", "a@[192.0.2.1]")]
    public void From_addresses_are_parsed(string value, string expected) =>
        Assert.Equal(expected, string.Join(' ', FromFieldParser.Parse(Encoding.UTF8.GetBytes(value))!));

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("evil a@example.org")]
    [InlineData("<a@example.org> b@example.net")]
    [InlineData("<a@example.org> <b@example.net>")]
    [InlineData("a@example.org, <>")]
    [InlineData("\"a@example.org")]
    [InlineData("(a@example.org")]
    [InlineData("<a@example.org")]
    [InlineData("a@b@example.org")]
    [InlineData("boss@example.net: a@example.org;")]
    public void Ambiguous_From_values_have_no_address(string value) => Assert.Null(FromFieldParser.Parse(Encoding.UTF8.GetBytes(value)));

    [Fact]
    public void No_From_value_throws() =>
        Gen.OneOfConst('a', '@', '<', '>', '"', '\\', '(', ')', ',', ':', ';', ' ', '[', ']', '.').Array[0, 30]
            .Sample(value => FromFieldParser.Parse(Encoding.ASCII.GetBytes(value)));

    [Theory]
    [InlineData("A: b\r\n\r\nbody", 8)]
    [InlineData("\r\nbody", 2)]
    [InlineData("A: b\r\n", 6)]
    public void The_header_section_ends_with_its_blank_line(string message, int length) =>
        Assert.Equal(length, HeaderSectionReader.Read(new InMemoryContent(Encoding.ASCII.GetBytes(message)), 1000)!.Length);

    [Fact]
    public void A_header_section_beyond_the_limit_is_not_parsed()
    {
        var message = Encoding.ASCII.GetBytes("A: " + new string('x', 20_000) + "\r\n\r\n");
        Assert.Null(HeaderSectionReader.Read(new InMemoryContent(message), 10_000));
        Assert.Equal(message.Length, HeaderSectionReader.Read(new InMemoryContent(message), 100_000)!.Length);
    }
}
