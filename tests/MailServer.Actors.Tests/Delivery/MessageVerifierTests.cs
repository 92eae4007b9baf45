using System.Buffers;
using System.Net;
using System.Text;
using MailServer.Actors.Delivery;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.Tests.MessageAuthentication;

namespace MailServer.Actors.Tests.Delivery;

public sealed class MessageVerifierTests
{
    private const string Message = "From: Alice <alice@example.test>\r\nTo: bob@here.test\r\nSubject: Hi\r\n\r\nHello\r\n";
    private static readonly TrustChecks All = new(true, true, true);
    private readonly ZoneLookup _zone = new();

    [Fact]
    public async Task Mail_from_where_its_domain_says_passes()
    {
        _zone.Text("example.test", "v=spf1 ip4:192.0.2.1 -all").Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.Refusal);
        Assert.Null(verdict.QuarantineReason);
        Assert.Equal(
            [
                "iprev=permerror policy.iprev=192.0.2.1", "spf=pass (ip4:192.0.2.1) smtp.mailfrom=alice@example.test", "dkim=none",
                "dmarc=pass (p=reject dis=none) header.from=example.test",
            ],
            verdict.Results);
    }

    [Fact]
    public async Task A_signature_of_the_author_passes_wherever_it_comes_from()
    {
        using var key = DkimKey.GenerateEd25519("example.test", "s");
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Text("example.test", "v=spf1 -all").Text(key.DnsRecord.Name, key.DnsRecord.Value);
        var signature = new ArrayBufferWriter<byte>();
        DkimSigner.TrySign(signature, [key], [], new MemoryContent(Encoding.ASCII.GetBytes(Message)), DateTimeOffset.UnixEpoch, 65536);
        var verdict = await VerifyAsync(Encoding.ASCII.GetString(signature.WrittenSpan) + Message);
        Assert.Null(verdict.Refusal);
        Assert.Contains("dmarc=pass (p=reject dis=none) header.from=example.test", verdict.Results);
    }

    [Fact]
    public async Task A_forgery_is_refused_when_its_domain_wants_that()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var refusal = (await VerifyAsync(Message)).Refusal;
        Assert.Equal("550 5.7.1 Refused by the DMARC policy of example.test", refusal?.ToString());
    }

    [Fact]
    public async Task A_forgery_goes_to_junk_when_its_domain_wants_that()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=quarantine");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.Refusal);
        var fields = new ArrayBufferWriter<byte>();
        verdict.Write(fields, "mx.here.test");
        var text = Encoding.ASCII.GetString(fields.WrittenSpan);
        Assert.StartsWith("Authentication-Results: mx.here.test;\r\n\tiprev=", text, StringComparison.Ordinal);
        Assert.EndsWith("X-Quarantine-Reason: DMARC policy of example.test\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_author_does_not_hide_the_first()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Text("evil.test", "v=spf1 +all").Text("_dmarc.evil.test", "v=DMARC1; p=none");
        Assert.NotNull((await VerifyAsync("From: e@evil.test\r\n" + Message, sender: "e@evil.test")).Refusal);
        Assert.NotNull((await VerifyAsync(Message + "From: e@evil.test\r\n", sender: "e@evil.test")).Refusal);
        var crowd = string.Join(", ", Enumerable.Range(0, 20).Select(i => $"a@d{i}.test"));
        Assert.Equal("From names too many domains", (await VerifyAsync($"From: {crowd}, x@example.test\r\n\r\n")).QuarantineReason);
    }

    [Fact]
    public async Task Trouble_with_dns_refuses_nothing_and_passes_nothing()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Fail("example.test");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.Refusal);
        Assert.Null(verdict.QuarantineReason);
        Assert.Contains("dmarc=temperror (p=reject dis=none) header.from=example.test", verdict.Results);
        Assert.DoesNotContain(verdict.Results, r => r.Contains("=pass", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checks_that_take_too_long_end_as_a_temporary_error()
    {
        var limits = Limits.Default with { TrustCheck = TimeSpan.FromMilliseconds(50) };
        var verifier = new MessageVerifier(new SilentLookup(), TimeProvider.System, limits, "mx.here.test", All);
        var verdict = await verifier.VerifyAsync(Transaction("alice@example.test"), new MemoryContent(Encoding.ASCII.GetBytes(Message)), CancellationToken.None);
        Assert.Null(verdict!.Refusal);
        Assert.Equal(["iprev=temperror", "spf=temperror", "dkim=none", "dmarc=temperror"], verdict.Results.Select(r => r.Split(' ')[0]));
    }

    [Fact]
    public async Task Broken_dns_of_a_stranger_does_not_save_a_forgery()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Fail("evil.test").Fail("_dmarc.evil.test").Fail("s._domainkey.evil.test");
        using var key = DkimKey.GenerateEd25519("evil.test", "s");
        var signature = new ArrayBufferWriter<byte>();
        DkimSigner.TrySign(signature, [key], [], new MemoryContent(Encoding.ASCII.GetBytes(Message)), DateTimeOffset.UnixEpoch, 65536);
        Assert.NotNull((await VerifyAsync(Encoding.ASCII.GetString(signature.WrittenSpan) + Message, sender: "x@evil.test")).Refusal);
    }

    [Theory]
    [InlineData(true, false, false, "iprev spf")]
    [InlineData(false, true, false, "iprev dkim")]
    [InlineData(false, false, true, "iprev dmarc")]
    [InlineData(true, false, true, "iprev spf dmarc")]
    public async Task Only_what_is_switched_on_is_checked_and_half_the_evidence_refuses_nothing(bool spf, bool dkim, bool dmarc, string methods)
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var verdict = await VerifyAsync(Message, new TrustChecks(spf, dkim, dmarc));
        Assert.Equal(methods, string.Join(' ', verdict.Results.Select(r => r[..r.IndexOf('=', StringComparison.Ordinal)])));
        Assert.Null(verdict.Refusal);
    }

    [Fact]
    public async Task Results_that_the_sender_wrote_in_our_name_are_taken_out()
    {
        var verdict = await VerifyAsync("Authentication-Results: mx.here.test; dmarc=pass\r\n" + Message);
        Assert.Equal(Message[..(Message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)], Encoding.ASCII.GetString(verdict.CleanHeader!));
        Assert.Null((await VerifyAsync(Message)).CleanHeader);
    }

    private async Task<TrustVerdict> VerifyAsync(string message, TrustChecks? checks = null, string? sender = "alice@example.test")
    {
        var verifier = new MessageVerifier(_zone, TimeProvider.System, Limits.Default, "mx.here.test", checks ?? All);
        return (await verifier.VerifyAsync(Transaction(sender), new MemoryContent(Encoding.ASCII.GetBytes(message)), CancellationToken.None))!;
    }

    private static MailTransaction Transaction(string? sender) => new()
    {
        SessionId = "1",
        Policy = SessionPolicy.Receiving,
        RemoteAddress = IPAddress.Parse("192.0.2.1"),
        HeloName = "client.test",
        Extended = true,
        Tls = null,
        Account = null,
        Sender = sender is null ? null : EmailAddress.Parse(sender),
        SmtpUtf8 = false,
        EightBit = false,
        Recipients = [EmailAddress.Parse("bob@here.test")],
    };

    /// <summary>DNS that never answers.</summary>
    private sealed class SilentLookup : IDnsLookup
    {
        public Task<DnsAnswer<IPAddress>> Ip4Async(string name, CancellationToken cancel) => NeverAsync<IPAddress>(cancel);

        public Task<DnsAnswer<IPAddress>> Ip6Async(string name, CancellationToken cancel) => NeverAsync<IPAddress>(cancel);

        public Task<DnsAnswer<MailExchange>> MailExchangesAsync(string name, CancellationToken cancel) => NeverAsync<MailExchange>(cancel);

        public Task<DnsAnswer<string>> TextsAsync(string name, CancellationToken cancel) => NeverAsync<string>(cancel);

        public Task<DnsAnswer<string>> HostNamesAsync(IPAddress address, CancellationToken cancel) => NeverAsync<string>(cancel);

        private static async Task<DnsAnswer<T>> NeverAsync<T>(CancellationToken cancel)
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return new DnsAnswer<T>.None(NameExists: false);
        }
    }
}
