using System.Buffers;
using System.Net;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Headers;
using MailServer.Protocol.Tests.Sasl;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Protocol.Tests.Smtp.Headers;

public sealed class TraceFieldsTests
{
    private static readonly MailTransaction Received = new()
    {
        SessionId = "s1",
        Policy = SessionPolicy.Receiving,
        RemoteAddress = IPAddress.Parse("::ffff:192.0.2.1"),
        HeloName = "client.example.com",
        UsesEhlo = true,
        Tls = SmtpTestBed.Tls,
        Account = null,
        Sender = null,
        SmtpUtf8 = false,
        EightBit = false,
        Recipients = [EmailAddress.Parse("user@example.org")],
    };

    [Fact]
    public void Received_contains_TLS_address_and_a_single_recipient() => Assert.Equal(
        "Received: from client.example.com (host.example.com [192.0.2.1])\r\n"
        + "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n"
        + "\tby mx.example.org with ESMTPS id 1.M2P3Q4.node\r\n"
        + "\tfor <user@example.org>;\r\n"
        + "\tThu, 01 Jan 1970 00:00:00 +0000\r\n",
        Write(Received, "host.example.com"));

    [Fact]
    public void Received_names_no_recipient_when_there_are_several() => Assert.Equal(
        "Received: from client.example.com (unknown [IPv6:2001:db8::1])\r\n"
        + "\tby mx.example.org with ESMTPA id 1.M2P3Q4.node;\r\n"
        + "\tThu, 01 Jan 1970 00:00:00 +0000\r\n",
        Write(Received with
        {
            Tls = null,
            Account = SaslExchange.User,
            RemoteAddress = IPAddress.Parse("2001:db8::1"),
            Recipients = [.. Received.Recipients, .. Received.Recipients],
        }));

    [Theory]
    [InlineData(false, false, "SMTP")]
    [InlineData(true, true, "UTF8SMTPS")]
    public void The_protocol_is_named_by_its_registered_keyword(bool extended, bool utf8, string name) =>
        Assert.Contains($" with {name} id ", Write(Received with { UsesEhlo = extended, SmtpUtf8 = utf8 }), StringComparison.Ordinal);

    [Fact]
    public void Text_of_the_peer_cannot_end_the_field() =>
        Assert.StartsWith("Received: from a??x??b?c (", Write(Received with { HeloName = "a\r\nx (b)c" }), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "Return-Path: <>\r\n")]
    [InlineData("\"a b\"@example.org", "Return-Path: <\"a b\"@example.org>\r\n")]
    public void Return_path_is_the_sender(string? sender, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        TraceFields.WriteReturnPath(output, sender is null ? null : EmailAddress.Parse(sender));
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static string Write(MailTransaction transaction, string? reverseName = null)
    {
        var output = new ArrayBufferWriter<byte>();
        new TraceFields("mx.example.org", new FakeTimeProvider(DateTimeOffset.UnixEpoch)).WriteReceived(output, transaction, "1.M2P3Q4.node", reverseName);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
