using System.Buffers;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Protocol.Scheduling;
using MailServer.Protocol.Smtp.Client;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.Tests.Smtp;

/// <summary>Local parts with dots at the start, at the end, or two in a row, which other servers allow: accepted everywhere, and spelled as they came.</summary>
public sealed class OddLocalPartTests
{
    public static TheoryData<string> Addresses =>
    [
        ".user@far.test", "user.@far.test", "us..er@far.test", "...@far.test", ".user+tag.@far.test",
        "\".user\"@far.test", "\"user.\"@far.test", "\"us..er\"@far.test",
    ];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_received_message_keeps_them_in_its_envelope(string address)
    {
        using var world = new SmtpTestBed(SmtpTestBed.Receiving);
        world.Send($"EHLO client\r\nMAIL FROM:<{address}>\r\nRCPT TO:<{address.Replace("far.test", "example.org", StringComparison.Ordinal)}>\r\nDATA\r\nx: y\r\n\r\n.\r\n");
        var transaction = Assert.Single(world.Accepted).Transaction;
        Assert.Equal(address, transaction.Sender?.ToString());
        Assert.Equal(address.Replace("far.test", "example.org", StringComparison.Ordinal), Assert.Single(transaction.Recipients).ToString());
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_sent_message_has_them_in_its_commands(string address)
    {
        var output = new ArrayBufferWriter<byte>();
        using var session = new SmtpClientSession(new SmtpClientOptions { HeloName = "client" }) { Output = output };
        Advance(session, "220 far\r\n250-far\r\n250 PIPELINING\r\n");
        session.Send(new OutgoingMessage { Sender = EmailAddress.Parse(address), Recipients = [EmailAddress.Parse(address)], Content = new InMemoryContent("x\r\n"u8.ToArray()) });
        Advance(session, "");
        Assert.EndsWith($"MAIL FROM:<{address}>\r\nRCPT TO:<{address}>\r\nDATA\r\n", Encoding.ASCII.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Every_other_reader_of_addresses_accepts_them(string address)
    {
        Assert.Equal(address, Assert.Single(FromFieldParser.Parse(Encoding.UTF8.GetBytes($"Name <{address}>"))!).ToString());
        Assert.Equal(address, Assert.Single(FromFieldParser.Parse(Encoding.UTF8.GetBytes(address))!).ToString());
        Assert.True(AliasAddress.TryParse(address, out var alias));
        Assert.Equal(address, alias.ToString());
        Assert.Equal(address, LoginName.Of(address).Address?.ToString());
        Assert.Equal(address, CalendarUserAddress.Parse("mailto:" + Uri.EscapeDataString(address))?.ToString());
    }

    private static void Advance(SmtpClientSession session, string lines)
    {
        var input = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(lines));
        session.Advance(ref input);
    }
}
