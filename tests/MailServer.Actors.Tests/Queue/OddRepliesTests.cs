using System.Net;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;

namespace MailServer.Actors.Tests.Queue;

/// <summary>
/// Replies that RFC 5321 does not provide for, at every stage of a transaction: what becomes of the message, and that no host that accepted it gets a
/// second copy.
/// </summary>
public sealed class OddRepliesTests
{
    private const string Delivered = "delivered";
    private const string Deferred = "deferred";
    private const string Failed = "failed";

    private static readonly string Long = new('x', 3_000);
    private static readonly string Lines = string.Concat(Enumerable.Repeat("250-another line\r\n", 300));

    /// <summary>Stage, reply, result, whether the content is sent.</summary>
    public static TheoryData<string, string, string, bool> Replies => new()
    {
        { "greeting", "220-wait\r\n554 no\r\n", Deferred, false },
        { "greeting", "554 no\r\n", Deferred, false },
        { "greeting", "250 hello\r\n", Deferred, false },
        { "greeting", "354 hello\r\n", Deferred, false },
        { "greeting", "hello\r\n", Deferred, false },
        { "greeting", ScriptedSmtpHost.Close, Deferred, false },
        { "greeting", ScriptedSmtpHost.Silence, Deferred, false },
        { "greeting", "554-wait\r\n220 yes\r\n", Delivered, true },
        { "greeting", "220\r\n", Delivered, true },
        { "greeting", "220 bare line feed\n", Delivered, true },
        { "ehlo", "250-x\r\n250-SIZE\r\n250 8BITMIME\r\n", Delivered, true },
        { "ehlo", "250-x\r\n250-SIZE 0\r\n250-SIZE x y\r\n250 \r\n", Delivered, true },
        { "ehlo", $"250-x\r\n{Lines}250 HELP\r\n", Delivered, true },
        { "ehlo", $"250-{Long}\r\n250 {Long}\r\n", Delivered, true },
        { "ehlo", "502 no\r\n", Delivered, true },
        { "ehlo", "250-x\r\n502 no\r\n", Delivered, true },
        { "ehlo", "354 odd\r\n", Deferred, false },
        { "mail", $"250 {Long}\r\n", Delivered, true },
        { "mail", $"250-ok\r\n{Lines}250 ok\r\n", Delivered, true },
        { "mail", "354 odd\r\n", Deferred, false },
        { "mail", "550-no\r\n250 yes\r\n", Delivered, true },
        { "mail", ScriptedSmtpHost.Close, Deferred, false },
        { "rcpt1", "250-a\r\n550 b\r\n", Failed, false },
        { "rcpt1", "550-a\r\n250 b\r\n", Delivered, true },
        { "rcpt1", "251 elsewhere\r\n", Delivered, true },
        { "rcpt1", "252 perhaps\r\n", Delivered, true },
        { "rcpt1", "354 odd\r\n", Deferred, false },
        { "rcpt1", "552 full\r\n", Failed, false },
        { "rcpt1", "452 full\r\n", Deferred, false },
        { "data", "250 odd\r\n", Deferred, false },
        { "data", "354-go\r\n450 not now\r\n", Deferred, false },
        { "data", "350 odd\r\n", Deferred, false },
        { "data", "554 no\r\n", Failed, false },
        { "dot", "250\r\n", Delivered, true },
        { "dot", "250-taken\r\n251 for delivery\r\n", Delivered, true },
        { "dot", "251 ok\r\n", Delivered, true },
        { "dot", "250ok\r\n", Delivered, true },
        { "dot", $"250 {Long}\r\n", Delivered, true },
        { "dot", $"250-ok\r\n{Lines}250 ok\r\n", Delivered, true },
        { "dot", "thanks\r\n250 ok\r\n", Delivered, true },
        { "dot", "250-ok\r\nthanks\r\n250 ok\r\n", Delivered, true },
        { "dot", "450-odd\r\n250 taken\r\n", Delivered, true },
        { "dot", "250-taken\r\n450 odd\r\n", Deferred, true },
        { "dot", "250-taken\r\n550 odd\r\n", Failed, true },
        { "dot", "354 odd\r\n", Deferred, true },
        { "dot", ScriptedSmtpHost.Close, Deferred, true },
        { "dot", ScriptedSmtpHost.Silence, Deferred, true },
        { "dot", "2x0 odd\r\n", Deferred, true },
        { "quit", ScriptedSmtpHost.Close, Delivered, true },
        { "quit", "554 no\r\n", Delivered, true },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task The_message_has_the_right_result_and_is_sent_once(string stage, string reply, string result, bool isTransferred)
    {
        using var host = new ScriptedSmtpHost(new Dictionary<string, string> { [stage] = reply });
        var unanswered = reply is ScriptedSmtpHost.Silence or "2x0 odd\r\n";
        using var node = new QueueTestNode { RelayPort = host.Port, CommandTimeout = unanswered ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(2) };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"));
        if (result == Delivered) await QueueTestKit.Until(() => Task.FromResult(kit.Spool.List().Count == 0));
        else await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1 } r] }] && r.State == (result == Deferred ? RecipientState.Waiting : RecipientState.Failed));
        Assert.Equal(isTransferred ? 1 : 0, host.Transfers.Count);
    }

    [Theory]
    [InlineData(ScriptedSmtpHost.Close, "it may have accepted the message")]
    [InlineData(ScriptedSmtpHost.Silence, "it may have accepted the message")]
    [InlineData("250-taken\r\n450 odd\r\n", "taken\nodd")]
    public async Task The_reason_tells_what_is_known_about_the_message(string reply, string text)
    {
        using var host = new ScriptedSmtpHost(new Dictionary<string, string> { ["dot"] = reply });
        using var node = new QueueTestNode { RelayPort = host.Port, CommandTimeout = reply == ScriptedSmtpHost.Silence ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(2) };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"));
        await kit.UntilAsync(items => items is [{ Recipients: [{ LastAttempt.Reply.Text: var why }] }] && why.Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("552 too many recipients\r\n", "452 too many\r\n", 3)]
    [InlineData("552 5.5.3 too many recipients\r\n", "452 4.5.3 too many\r\n", 3)]
    [InlineData("452 too many\r\n", "250 ok\r\n", 2)]
    public async Task Recipients_that_are_too_many_get_a_further_transaction_at_once(string second, string third, int transactions)
    {
        using var host = new ScriptedSmtpHost(new Dictionary<string, string> { ["rcpt2"] = second, ["rcpt3"] = third });
        using var node = new QueueTestNode { RelayPort = host.Port };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "r1@far.example", "r2@far.example", "r3@far.example"));
        await QueueTestKit.Until(() => Task.FromResult(kit.Spool.List().Count == 0));
        Assert.Equal(transactions, host.Transfers.Count);
        Assert.Equal(1, host.Connections);
    }

    [Fact]
    public async Task A_full_mailbox_after_an_accepted_recipient_fails()
    {
        using var host = new ScriptedSmtpHost(new Dictionary<string, string> { ["rcpt2"] = "552 5.2.2 mailbox full\r\n" });
        using var node = new QueueTestNode { RelayPort = host.Port };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "r1@far.example", "r2@far.example"));
        await kit.UntilAsync(items => items is [{ Recipients: [{ State: RecipientState.Delivered }, { State: RecipientState.Failed }] }]);
    }

    [Fact]
    public async Task A_host_that_accepts_one_recipient_and_defers_the_message_gets_no_further_transaction()
    {
        using var host = new ScriptedSmtpHost(new Dictionary<string, string> { ["rcpt2"] = "452 too many\r\n", ["dot"] = "451 later\r\n" });
        using var node = new QueueTestNode { RelayPort = host.Port };
        using var kit = QueueTestKit.Begin(node);
        await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "r1@far.example", "r2@far.example"));
        await kit.UntilAsync(items => items is [{ Recipients: [{ Attempts: 1, State: RecipientState.Waiting }, { Attempts: 1, State: RecipientState.Waiting }] }]);
        Assert.Single(host.Transfers);
    }

    [Fact]
    public async Task A_second_reply_to_one_message_is_not_taken_for_the_reply_to_the_next()
    {
        using var host = new ScriptedSmtpHost(new Dictionary<string, string> { ["dot"] = "250 ok\r\n250 ok again\r\n" });
        using var node = new QueueTestNode { RelayPort = host.Port };
        using var kit = QueueTestKit.Begin(node);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "b@far.example"))));
        await QueueTestKit.Until(() => Task.FromResult(kit.Spool.List().Count == 0));
        Assert.Equal(40, host.Transfers.Count);
    }

    [Theory]
    [InlineData("220-wait\r\n554 no\r\n")]
    [InlineData("554 no\r\n")]
    [InlineData("250 hello\r\n")]
    [InlineData(ScriptedSmtpHost.Close)]
    public async Task A_refusing_greeting_leads_to_the_next_mail_exchanger(string greeting)
    {
        using var first = new ScriptedSmtpHost(new Dictionary<string, string> { ["greeting"] = greeting }, IPAddress.Parse("127.0.0.2"));
        using var second = new ScriptedSmtpHost(new Dictionary<string, string>(), IPAddress.Parse("127.0.0.3"), first.Port);
        using var node = new QueueTestNode();
        var plain = node.Services(node.OpenSpool(), ActorRefs.Nobody);
        var dns = new TwoExchangers();
        var services = plain with
        {
            Options = plain.Options with { Relay = null, Port = first.Port },
            Dns = dns,
            Connector = new OutboundConnector(dns, Limits.Default, TimeProvider.System),
        };
        var opened = await new DestinationConnector(services, new Destination("far.test", null)).ConnectAsync();
        Assert.Equal("second.far.test", opened.Host);
        Assert.Equal((1, 1), (first.Connections, second.Connections));
        await opened.Session!.QuitAsync();
    }

    private sealed class TwoExchangers : IDnsLookup, IResolver
    {
        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult<DnsAnswer<IPAddress>>(new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Parse(host == "first.far.test" ? "127.0.0.2" : "127.0.0.3")]));

        public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) =>
            Task.FromResult<DnsAnswer<MailExchange>>(new DnsAnswer<MailExchange>.RecordsFound([new MailExchange(10, "first.far.test"), new MailExchange(20, "second.far.test")]));

        public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) => None<string>();

        public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) => None<string>();

        private static Task<DnsAnswer<T>> None<T>() => Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.NoRecords(NameExists: true));
    }
}
