using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Protocol.Tests.Smtp;

/// <summary>Our client against our server, in memory.</summary>
public sealed class SmtpClientServerTests
{
    private static readonly EmailAddress User = EmailAddress.Parse("user@example.org");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_message_arrives_octet_for_octet(bool chunking) =>
        Gen.Select(Gen.OneOfConst("\r\n", ".", "\r\n.", "text", "\u00E9").List[0, 200], Gen.Int[1, 7]).Sample((parts, piece) =>
        {
            byte[] content = [.. Encoding.UTF8.GetBytes(string.Concat(parts)), .. "\r\n"u8];
            using var pair = new ClientServerPair(SmtpTestBed.Receiving, piece, new SmtpClientOptions { HeloName = "client", Chunking = chunking });
            var outcome = pair.Deliver(content, User);
            Assert.Equal(250, outcome.Recipients[0].Reply.Code);
            Assert.Equal(content, pair.World.Accepted[0].Content);
        }, iter: 200);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_large_message_is_sent_in_pieces(bool chunking)
    {
        byte[] content = [.. Enumerable.Repeat("a line of text\r\n.a dot\r\n"u8.ToArray(), 60_000).SelectMany(line => line)];
        using var pair = new ClientServerPair(SmtpTestBed.Receiving, int.MaxValue, new SmtpClientOptions { HeloName = "client", Chunking = chunking });
        pair.Deliver(content, User);
        Assert.Equal(content, pair.World.Accepted[0].Content);
        Assert.True(pair.Flushes > 10);
    }

    [Fact]
    public void Several_messages_share_one_connection_and_each_recipient_has_its_result()
    {
        using var pair = new ClientServerPair(SmtpTestBed.Receiving, int.MaxValue);
        var codes = pair.Deliver("x\r\n"u8.ToArray(), User, EmailAddress.Parse("unknown@example.org"), EmailAddress.Parse("a@foreign.example"))
            .Recipients.Select(r => r.Reply.ToString());
        Assert.Equal(["250 2.0.0 Accepted", "550 5.1.1 No such user", "550 5.7.1 Relaying denied"], codes);
        Assert.Equal(550, pair.Deliver("x\r\n"u8.ToArray(), EmailAddress.Parse("unknown@example.org")).Recipients[0].Reply.Code);
        Assert.Equal(250, pair.Deliver("x\r\n"u8.ToArray(), User).Recipients[0].Reply.Code);
        Assert.Equal(2, pair.World.Accepted.Count);
        pair.Quit();
        Assert.True(pair.Client.IsEnded && pair.World.Session.IsEnded);
    }

    [Fact]
    public void A_refused_message_is_the_result_of_every_pending_recipient()
    {
        using var pair = new ClientServerPair(SmtpTestBed.Receiving, int.MaxValue);
        pair.World.Verdict = new SmtpReply(451, "4.3.0", "Try later\nreally");
        var reply = pair.Deliver("x\r\n"u8.ToArray(), User).Recipients[0].Reply;
        Assert.Equal(pair.World.Verdict, reply);
    }

    [Fact]
    public void TLS_and_AUTH_are_used_when_asked_for()
    {
        var options = new SmtpClientOptions { HeloName = "client", TlsPolicy = SmtpTlsPolicy.Required, Credentials = new("user@example.org", "pencil") };
        using var pair = new ClientServerPair(SmtpTestBed.Submission, int.MaxValue, options);
        Assert.Equal(250, pair.Deliver("x\r\n"u8.ToArray(), User).Recipients[0].Reply.Code);
        Assert.NotNull(pair.World.Accepted[0].Transaction.Tls);
        Assert.NotNull(pair.World.Accepted[0].Transaction.Account);
    }

    [Fact]
    public void Missing_required_TLS_is_a_temporary_failure()
    {
        using var pair = new ClientServerPair(
            SmtpTestBed.Receiving with { TlsAvailable = false }, 1, new SmtpClientOptions { HeloName = "client", TlsPolicy = SmtpTlsPolicy.Required });
        pair.Run();
        Assert.Equal("451 4.7.5 TLS is required and not offered", pair.Failure?.ToString());
    }

    [Fact]
    public void A_message_beyond_the_SIZE_limit_of_the_host_is_not_sent()
    {
        using var pair = new ClientServerPair(SmtpTestBed.Receiving with { Limits = new Limits { MaxMessageSize = 10 } }, int.MaxValue);
        Assert.Equal("5.3.4", pair.Deliver(new byte[11], User).Recipients[0].Reply.EnhancedCode);
    }

    private sealed class ClientServerPair(SmtpSessionOptions server, int piece, SmtpClientOptions? client = null) : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _toServer = new();
        private byte[] _toClient = [];
        private SmtpOutcome? _outcome;

        public SmtpTestBed World { get; } = new(server);

        public SmtpClientSession Client { get; } = new(client ?? new SmtpClientOptions { HeloName = "client" });

        public SmtpReply? Failure { get; private set; }

        public int Flushes { get; private set; }

        public SmtpOutcome Deliver(byte[] content, params EmailAddress[] recipients)
        {
            _outcome = null;
            Run();
            Client.Send(new OutgoingMessage
            {
                Sender = User,
                Recipients = recipients,
                Content = new InMemoryContent(content),
            });
            Run();
            Assert.Null(Failure);
            return _outcome!;
        }

        public void Quit()
        {
            Client.Quit();
            Run();
        }

        /// <summary>Runs until the client is idle.</summary>
        public void Run()
        {
            Client.Output = _toServer;
            for (var steps = 0; steps < 10_000; steps++)
                if (Step() is SmtpClientEffect.Ready or SmtpClientEffect.Failed or SmtpClientEffect.Close) return;
            Assert.Fail("the client waits for ever");
        }

        public void Dispose()
        {
            Client.Dispose();
            World.Dispose();
        }

        private SmtpClientEffect? Step()
        {
            _toClient = [.. _toClient, .. Encoding.UTF8.GetBytes(World.Heard())];
            var available = new ReadOnlySequence<byte>(_toClient, 0, Math.Min(_toClient.Length, Math.Max(piece, 600)));
            var offered = available.Length;
            var effect = Client.Advance(ref available);
            _toClient = _toClient[(int)(offered - available.Length)..];
            World.Send(_toServer.WrittenSpan, piece);
            _toServer.ResetWrittenCount();
            switch (effect)
            {
                case SmtpClientEffect.StartTls:
                    Client.TlsStarted(SmtpTestBed.Tls);
                    break;
                case SmtpClientEffect.Flush:
                    Flushes++;
                    break;
                case SmtpClientEffect.Finished finished:
                    _outcome = finished.Outcome;
                    break;
                case SmtpClientEffect.Failed failed:
                    Failure = failed.Reply;
                    break;
            }

            return effect;
        }
    }
}
