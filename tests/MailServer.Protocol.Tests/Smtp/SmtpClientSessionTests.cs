using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Protocol.Tests.Smtp;

/// <summary>The client against servers that are not like ours.</summary>
public sealed class SmtpClientSessionTests : IDisposable
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly SmtpClientSession _session = new(new SmtpClientOptions { HeloName = "client" });

    public SmtpClientSessionTests() => _session.Output = _output;

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_server_without_EHLO_gets_HELO_and_one_command_at_a_time()
    {
        Assert.Null(Hear("220 old"));
        Assert.Equal("EHLO client\r\n", Said());
        Hear("500 what?");
        Assert.Equal("HELO client\r\n", Said());
        Assert.IsType<SmtpClientEffect.Ready>(Hear("250 old"));
        Send("a@example.org", "b@example.org");
        Assert.Equal("MAIL FROM:<>\r\n", Said());
        Hear("250 ok");
        Assert.Equal("RCPT TO:<a@example.org>\r\n", Said());
        Hear("450 later");
        Assert.Equal("RCPT TO:<b@example.org>\r\n", Said());
        Hear("251 will forward");
        Assert.Equal("DATA\r\n", Said());
        Assert.IsType<SmtpClientEffect.Flush>(Hear("354 go"));
        Hear("");
        Assert.Equal("x\r\n..\r\n.\r\n", Said());
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear("250 done"));
        Assert.Equal([450, 250], finished.Outcome.Recipients.Select(r => r.Reply.Code));
    }

    [Fact]
    public void With_pipelining_everything_up_to_DATA_goes_out_together_and_an_unwanted_354_gets_an_empty_message()
    {
        Begin("250-new\r\n250 PIPELINING");
        Send("a@example.org", "b@example.org");
        Assert.Equal("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n", Said());
        Hear("250 ok\r\n550 5.1.1 no\r\n550-5.1.1 no\r\n550 5.1.1 never\r\n354 go");
        Assert.Equal(".\r\n", Said());
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear("554 no recipients"));
        Assert.Equal(["550 5.1.1 no", "550 5.1.1 no\nnever"], finished.Outcome.Recipients.Select(r => r.Reply.ToString()));
    }

    [Fact]
    public void A_refused_MAIL_is_the_outcome_of_all()
    {
        Begin("250 new");
        Send("a@example.org", "b@example.org");
        Hear("553 5.7.1 not you");
        Assert.Equal("MAIL FROM:<>\r\nRSET\r\n", Said());
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear("250 ok"));
        Assert.All(finished.Outcome.Recipients, r => Assert.Equal("5.7.1", r.Reply.EnhancedCode));
    }

    [Fact]
    public void After_421_the_connection_is_done()
    {
        Begin("250 new");
        Send("a@example.org");
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear("421 bye"));
        Assert.Equal(421, finished.Outcome.Recipients[0].Reply.Code);
        Assert.IsType<SmtpClientEffect.Failed>(Hear(""));
        Assert.True(_session.IsOver);
    }

    [Fact]
    public void A_broken_connection_keeps_last_words_and_leaves_the_rest_for_later()
    {
        Begin("250-new\r\n250 PIPELINING");
        Send("a@example.org", "b@example.org");
        Hear("250 ok\r\n550 no\r\n250 ok");
        Assert.Equal([550, 451], _session.Lost("connection lost")!.Recipients.Select(r => r.Reply.Code));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("22")]
    [InlineData("220_x")]
    [InlineData("999 x")]
    [InlineData("220-x\r\n250 y")]
    public void What_is_no_reply_fails_the_connection(string line) =>
        Assert.Equal(421, Assert.IsType<SmtpClientEffect.Failed>(Hear(line)).Reply.Code);

    [Fact]
    public void Random_octets_never_throw() =>
        Gen.OneOf(Gen.OneOfConst<byte>((byte)'2', (byte)'5', (byte)'0', (byte)'-', (byte)' ', (byte)'\r', (byte)'\n'), Gen.Byte).Array[0, 300].Sample(octets =>
        {
            var session = new SmtpClientSession(new SmtpClientOptions { HeloName = "client" });
            var input = new ReadOnlySequence<byte>(octets);
            while (session.Advance(ref input) is not (null or SmtpClientEffect.Ready)) { }
        });

    private void Begin(string offer)
    {
        Hear("220 hello");
        Assert.IsType<SmtpClientEffect.Ready>(Hear(offer));
        Said();
    }

    private void Send(params string[] recipients)
    {
        _session.Send(new OutgoingMessage
        {
            Sender = null,
            Recipients = [.. recipients.Select(EmailAddress.Parse)],
            Content = new MemoryContent("x\r\n.\r\n"u8.ToArray()),
        });
        Assert.Null(Hear(""));
    }

    private SmtpClientEffect? Hear(string lines)
    {
        var input = new ReadOnlySequence<byte>(lines.Length == 0 ? [] : Encoding.UTF8.GetBytes(lines + "\r\n"));
        return _session.Advance(ref input);
    }

    private string Said()
    {
        var text = Encoding.UTF8.GetString(_output.WrittenSpan);
        _output.ResetWrittenCount();
        return text;
    }
}
