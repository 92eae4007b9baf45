using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Protocol.Tests.Smtp;

/// <summary>The client with servers that differ from ours.</summary>
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
    public void With_pipelining_the_envelope_is_sent_at_once_and_an_unwanted_354_gets_an_empty_message()
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
    public void A_refused_MAIL_command_is_the_result_of_all_recipients()
    {
        Begin("250 new");
        Send("a@example.org", "b@example.org");
        Hear("553 5.7.1 not you");
        Assert.Equal("MAIL FROM:<>\r\nRSET\r\n", Said());
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear("250 ok"));
        Assert.All(finished.Outcome.Recipients, r => Assert.Equal("5.7.1", r.Reply.EnhancedCode));
    }

    [Fact]
    public void After_421_the_connection_is_closed()
    {
        Begin("250 new");
        Send("a@example.org");
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear("421 bye"));
        Assert.Equal(421, finished.Outcome.Recipients[0].Reply.Code);
        Assert.IsType<SmtpClientEffect.Failed>(Hear(""));
        Assert.True(_session.IsEnded);
    }

    [Fact]
    public void A_broken_connection_keeps_the_received_replies_and_defers_the_rest()
    {
        Begin("250-new\r\n250 PIPELINING");
        Send("a@example.org", "b@example.org");
        Hear("250 ok\r\n550 no\r\n250 ok");
        Assert.Equal([550, 451], _session.ConnectionLost("connection lost")!.Recipients.Select(r => r.Reply.Code));
    }

    [Fact]
    public void Chunks_are_sent_only_after_a_recipient_was_accepted()
    {
        Begin("250-new\r\n250-PIPELINING\r\n250 CHUNKING");
        Send("a@example.org", "b@example.org");
        Assert.Equal("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n", Said());
        Assert.IsType<SmtpClientEffect.Flush>(Hear("250 ok\r\n550 no\r\n250 ok"));
        Hear("");
        Assert.Equal("BDAT 6 LAST\r\nx\r\n.\r\n", Said());
        Assert.Equal([550, 250], Assert.IsType<SmtpClientEffect.Finished>(Hear("250 taken")).Outcome.Recipients.Select(r => r.Reply.Code));
        Assert.IsType<SmtpClientEffect.Ready>(Hear(""));
        Send("a@example.org");
        Said();
        Hear("250 ok\r\n550 no");
        Assert.Equal("RSET\r\n", Said());
        Assert.Equal(550, Assert.IsType<SmtpClientEffect.Finished>(Hear("250 ok")).Outcome.Recipients[0].Reply.Code);
    }

    [Fact]
    public void A_refused_chunk_is_the_result_and_the_rest_is_not_sent()
    {
        Begin("250-new\r\n250 CHUNKING");
        Send(new OutgoingMessage { Sender = null, Recipients = [EmailAddress.Parse("a@example.org")], Content = new InMemoryContent(new byte[3 * 1024 * 1024]) });
        Hear("250 ok");
        for (var effect = Hear("250 ok"); effect is SmtpClientEffect.Flush; effect = Hear("")) { }
        Said();
        Hear("552 5.3.4 too large");
        Assert.Equal("RSET\r\n", Said());
        Assert.Equal("5.3.4", Assert.IsType<SmtpClientEffect.Finished>(Hear("250 ok")).Outcome.Recipients[0].Reply.EnhancedCode);
    }

    [Fact]
    public void DSN_parameters_are_passed_to_a_host_that_supports_them()
    {
        Begin("250-new\r\n250-MT-PRIORITY MIXER\r\n250-DELIVERBY 10\r\n250-DSN\r\n250 SMTPUTF8");
        Send(new OutgoingMessage
        {
            Sender = EmailAddress.Parse("gr\u00FC\u00DFe@example.org"),
            Recipients = [EmailAddress.Parse("a@example.org")],
            Content = new InMemoryContent("x\r\n"u8.ToArray()),
            Priority = -4,
            DeliverBy = new DeliverByValue(120, Return: true, Trace: true),
        });
        Assert.Equal("MAIL FROM:<gr\u00FC\u00DFe@example.org> SMTPUTF8 MT-PRIORITY=-4 BY=120;RT\r\n", Said());
    }

    [Theory]
    [InlineData("250 new", "5.7.30")]
    [InlineData("250-new\r\n250 REQUIRETLS", "5.7.30")]
    public void REQUIRETLS_needs_TLS_and_the_extension(string offer, string status)
    {
        Begin(offer);
        _session.Send(new OutgoingMessage { Sender = null, Recipients = [EmailAddress.Parse("a@example.org")], Content = new InMemoryContent("x\r\n"u8.ToArray()), RequireTls = true });
        var finished = Assert.IsType<SmtpClientEffect.Finished>(Hear(""));
        Assert.Equal(status, finished.Outcome.Recipients[0].Reply.EnhancedCode);
        Assert.Equal("", Said());
    }

    [Fact]
    public void A_return_deadline_is_not_sent_to_a_host_without_DELIVERBY()
    {
        Begin("250 new");
        _session.Send(new OutgoingMessage
        {
            Sender = null,
            Recipients = [EmailAddress.Parse("a@example.org")],
            Content = new InMemoryContent("x\r\n"u8.ToArray()),
            DeliverBy = new DeliverByValue(9, true, false),
        });
        Assert.Equal("5.3.3", Assert.IsType<SmtpClientEffect.Finished>(Hear("")).Outcome.Recipients[0].Reply.EnhancedCode);
    }

    [Fact]
    public void Without_SMTPUTF8_addresses_that_need_it_fail_and_the_others_get_the_message()
    {
        Begin("250-new\r\n250-DSN\r\n250 PIPELINING");
        Send("a@example.org", "gr\u00FC\u00DFe@example.org");
        Assert.Equal("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n", Said());
        Hear("250 ok\r\n250 ok\r\n354 go");
        Hear("");
        Assert.Equal(["", "5.6.7"], Assert.IsType<SmtpClientEffect.Finished>(Hear("250 done")).Outcome.Recipients.Select(r => r.Reply.EnhancedCode));
    }

    [Theory]
    [InlineData("250 new", false, false, "")]
    [InlineData("250-new\r\n250 8BITMIME", true, true, " BODY=8BITMIME")]
    [InlineData("250 new", true, false, "")]
    public void A_host_without_SMTPUTF8_gets_an_ASCII_header_or_no_message(string offer, bool isEightBit, bool keepsBodies, string parameter)
    {
        Begin(offer);
        var message = OneMessage() with { SmtpUtf8 = true, EightBit = isEightBit };
        _session.Send(message);
        Assert.Equal(keepsBodies || !isEightBit, Assert.IsType<SmtpClientEffect.Convert>(Hear("")).KeepsBodies);
        _session.Converted(new InMemoryContent("Subject: =?utf-8?B?w7w=?=\r\n"u8.ToArray()));
        Hear("");
        Assert.Equal($"MAIL FROM:<>{parameter}\r\n", Said());
        Hear("250 ok");
        Hear("250 ok");
        Hear("354 go");
        Hear("");
        Assert.EndsWith("Subject: =?utf-8?B?w7w=?=\r\n.\r\n", Said(), StringComparison.Ordinal);
        Assert.IsType<SmtpClientEffect.Finished>(Hear("250 done"));
        Assert.IsType<SmtpClientEffect.Ready>(Hear(""));
        _session.Send(message);
        Assert.IsType<SmtpClientEffect.Convert>(Hear(""));
        _session.Converted(null);
        Assert.Equal("5.6.7", Assert.IsType<SmtpClientEffect.Finished>(Hear("")).Outcome.Recipients[0].Reply.EnhancedCode);
    }

    [Fact]
    public void A_sender_that_needs_SMTPUTF8_fails_for_all()
    {
        Begin("250 new");
        _session.Send(OneMessage() with { Sender = EmailAddress.Parse("gr\u00FC\u00DFe@example.org") });
        Assert.Equal("5.6.7", Assert.IsType<SmtpClientEffect.Finished>(Hear("")).Outcome.Recipients[0].Reply.EnhancedCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_host_without_8BITMIME_gets_a_converted_message_or_none(bool possible)
    {
        Begin("250-new\r\n250 PIPELINING");
        _session.Send(new OutgoingMessage { Sender = null, Recipients = [EmailAddress.Parse("a@example.org")], Content = new InMemoryContent("\u00E9\r\n"u8.ToArray()), EightBit = true });
        Assert.IsType<SmtpClientEffect.Convert>(Hear(""));
        _session.Converted(possible ? new InMemoryContent("=E9\r\n"u8.ToArray()) : null);
        if (!possible)
        {
            Assert.Equal("5.6.3", Assert.IsType<SmtpClientEffect.Finished>(Hear("")).Outcome.Recipients[0].Reply.EnhancedCode);
            return;
        }

        Hear("");
        Said();
        Hear("250 ok\r\n250 ok\r\n354 go");
        Hear("");
        Assert.Equal("=E9\r\n.\r\n", Said());
    }

    [Fact]
    public void SCRAM_follows_the_example_of_RFC_7677()
    {
        using var session = SigningIn("rOprNGfwEbeRWgbNEkqO", "user", "pencil");
        Assert.Contains("AUTH SCRAM-SHA-256 " + Base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), Hear(session, "250-new\r\n250 AUTH PLAIN SCRAM-SHA-256"), StringComparison.Ordinal);
        var first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        var final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        Assert.Equal(Base64(final) + "\r\n", Hear(session, "334 " + Base64(first)));
        Assert.Equal("\r\n", Hear(session, "334 " + Base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
        Hear(session, "235 2.7.0 welcome");
        Assert.False(session.IsEnded);
    }

    [Theory]
    [InlineData("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=nonce+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000")]
    [InlineData("r=nonce+,s=???,i=4096")]
    [InlineData("nonsense")]
    public void A_host_with_an_invalid_SCRAM_challenge_gets_no_response(string first)
    {
        using var session = SigningIn("nonce", "user", "pencil");
        Hear(session, "250-new\r\n250 AUTH SCRAM-SHA-256");
        Assert.Equal("*\r\n", Hear(session, "334 " + Base64(first)));
        Hear(session, "501 cancelled");
        Assert.True(session.IsEnded);
    }

    [Fact]
    public void A_host_with_a_wrong_SCRAM_signature_gets_no_mail()
    {
        using var session = SigningIn("nonce", "user", "pencil");
        Hear(session, "250-new\r\n250 AUTH SCRAM-SHA-256");
        Hear(session, "334 " + Base64("r=nonce+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
        Assert.Equal("*\r\n", Hear(session, "334 " + Base64("v=AAAA")));
        Hear(session, "235 welcome");
        Assert.True(session.IsEnded);
    }

    [Fact]
    public void LOGIN_is_used_only_as_a_last_resort()
    {
        using var session = SigningIn("nonce", "user", "pencil");
        Assert.EndsWith("AUTH LOGIN\r\n", Hear(session, "250-new\r\n250 AUTH LOGIN"), StringComparison.Ordinal);
        Assert.Equal(Base64("user") + "\r\n", Hear(session, "334 VXNlcm5hbWU6"));
        Assert.Equal(Base64("pencil") + "\r\n", Hear(session, "334 UGFzc3dvcmQ6"));
        Hear(session, "235 ok");
        Assert.False(session.IsEnded);
    }

    [Fact]
    public void No_password_is_sent_without_TLS()
    {
        using var session = new SmtpClientSession(new SmtpClientOptions { HeloName = "client", Credentials = new("user", "pencil") });
        Hear(session, "220 hello");
        Assert.Equal("", Hear(session, "250-new\r\n250 AUTH PLAIN"));
        Assert.True(session.IsEnded);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("22")]
    [InlineData("2200 x")]
    [InlineData("999 x")]
    public void An_invalid_reply_fails_the_connection(string line) =>
        Assert.Equal(421, Assert.IsType<SmtpClientEffect.Failed>(Hear(line)).Reply.Code);

    [Theory]
    [InlineData("250 hello")]
    [InlineData("354 hello")]
    [InlineData("220-x\r\n250 y")]
    public void A_greeting_with_a_wrong_code_is_a_temporary_failure(string line) =>
        Assert.Equal(451, Assert.IsType<SmtpClientEffect.Failed>(Hear(line)).Reply.Code);

    [Fact]
    public void An_endless_reply_fails_the_connection()
    {
        var line = new string('x', 100_000);
        SmtpClientEffect? effect = null;
        for (var n = 0; n < 11 && effect is null; n++) effect = Hear("220-" + line);
        Assert.Equal(421, Assert.IsType<SmtpClientEffect.Failed>(effect).Reply.Code);
    }

    [Theory]
    [InlineData("250-taken\r\n251 for delivery", "251 taken\nfor delivery")]
    [InlineData("250-2.0.0 taken\r\n450 4.3.0 odd", "450 4.3.0 taken\nodd")]
    [InlineData("450-4.3.0 odd\r\n250 2.0.0 taken", "250 2.0.0 odd\ntaken")]
    [InlineData("250", "250 ")]
    [InlineData("250ok", "250 ok")]
    [InlineData("thanks\r\n250 ok", "250 ok")]
    [InlineData("250-ok\r\nthanks\r\n250 done", "250 ok\ndone")]
    [InlineData("2x0 odd\r\n250 ok", "250 ok")]
    public void The_last_line_of_the_reply_to_the_message_counts(string lines, string reply)
    {
        for (var piece = 1; piece <= 3; piece++)
        {
            using var session = new SmtpClientSession(new SmtpClientOptions { HeloName = "client" });
            Hear(session, "220 hello");
            Hear(session, "250 PIPELINING");
            session.Send(OneMessage());
            var nothing = ReadOnlySequence<byte>.Empty;
            Assert.Null(session.Advance(ref nothing));
            Hear(session, "250 ok\r\n250 ok\r\n354 go");
            SmtpClientEffect? effect = null;
            foreach (var part in Encoding.UTF8.GetBytes(lines + "\r\n").Chunk(piece))
            {
                var input = new ReadOnlySequence<byte>(part);
                do effect = session.Advance(ref input);
                while (effect is SmtpClientEffect.Flush);
            }

            Assert.Equal(reply, Assert.IsType<SmtpClientEffect.Finished>(effect).Outcome.Recipients[0].Reply.ToString());
        }
    }

    [Fact]
    public void Long_text_is_cut_and_later_lines_are_read_and_dropped()
    {
        Hear("220 hello");
        Assert.Null(Hear("250-" + new string('x', 5_000)));
        for (var n = 0; n < 500; n++) Assert.Null(Hear("250-" + new string('y', 1_000)));
        Assert.IsType<SmtpClientEffect.Ready>(Hear("250 HELP"));
        Send("a@example.org");
        Hear("250 " + new string('z', 3_000));
        Hear("550 " + new string('z', 3_000));
        Assert.Equal(2_044, Assert.IsType<SmtpClientEffect.Finished>(Hear("250 ok")).Outcome.Recipients[0].Reply.Text.Length);
    }

    [Fact]
    public void A_reply_without_a_command_ends_the_connection_before_the_next_message()
    {
        Hear("220 hello");
        Hear("250 old\r\n421 bye");
        var rest = new ReadOnlySequence<byte>("421 bye\r\n"u8.ToArray());
        _session.Send(OneMessage());
        Assert.IsType<SmtpClientEffect.Failed>(_session.Advance(ref rest));
        Assert.False(_session.IsAnswered);
    }

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

    private static SmtpClientSession SigningIn(string nonce, string login, string password)
    {
        var session = new SmtpClientSession(new SmtpClientOptions
        {
            HeloName = "client",
            Tls = SmtpTestBed.Tls,
            Credentials = new(login, password),
            Nonce = () => nonce,
        });
        Hear(session, "220 hello");
        return session;
    }

    private static string Hear(SmtpClientSession session, string line)
    {
        var output = new ArrayBufferWriter<byte>();
        session.Output = output;
        var input = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line + "\r\n"));
        session.Advance(ref input);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static OutgoingMessage OneMessage() =>
        new() { Sender = null, Recipients = [EmailAddress.Parse("a@example.org")], Content = new InMemoryContent("x\r\n"u8.ToArray()) };

    private void Send(params string[] recipients) => Send(new OutgoingMessage
    {
        Sender = null,
        Recipients = [.. recipients.Select(EmailAddress.Parse)],
        Content = new InMemoryContent("x\r\n.\r\n"u8.ToArray()),
    });

    private void Send(OutgoingMessage message)
    {
        _session.Send(message);
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
