using System.Buffers;
using System.Net;
using System.Text;
using MailServer.Actors.Delivery;
using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.Tests.MessageAuthentication;

namespace MailServer.Actors.Tests.Delivery;

public sealed class MessageVerifierTests
{
    private const string Message = "From: Alice <alice@example.test>\r\nTo: bob@here.test\r\nSubject: Hi\r\n\r\nHello\r\n";
    private static readonly TrustCheckOptions All = new(true, true, true);
    private readonly ZoneLookup _zone = new();

    [Fact]
    public async Task Mail_from_an_address_that_SPF_allows_passes()
    {
        _zone.Text("example.test", "v=spf1 ip4:192.0.2.1 -all").Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.Refusal);
        Assert.Null(verdict.QuarantineReason);
        Assert.Equal(
            [
                "iprev=permerror policy.iprev=192.0.2.1", "spf=none (client.test has no SPF record) smtp.helo=client.test",
                "spf=pass (ip4:192.0.2.1) smtp.mailfrom=alice@example.test", "dkim=none",
                "dmarc=pass (p=reject dis=none) header.from=example.test",
            ],
            verdict.Results);
    }

    [Fact]
    public async Task A_signature_of_the_author_domain_passes_from_any_address()
    {
        using var key = DkimKey.GenerateEd25519("example.test", "s");
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Text("example.test", "v=spf1 -all").Text(key.DnsRecord.Name, key.DnsRecord.Value);
        var verdict = await VerifyAsync(Signed(Message, key));
        Assert.Null(verdict.Refusal);
        Assert.Contains("dmarc=pass (p=reject dis=none) header.from=example.test", verdict.Results);
    }

    [Fact]
    public async Task A_forgery_is_rejected_when_the_policy_says_reject()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var refusal = (await VerifyAsync(Message)).Refusal;
        Assert.Equal("550 5.7.1 Refused by the DMARC policy of example.test", refusal?.ToString());
    }

    [Fact]
    public async Task A_forgery_goes_to_junk_when_the_policy_says_quarantine()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=quarantine");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.Refusal);
        Assert.Equal("DMARC policy of example.test", verdict.QuarantineReason);
        var fields = new ArrayBufferWriter<byte>();
        verdict.Write(fields, "mx.here.test");
        Assert.StartsWith("Authentication-Results: mx.here.test;\r\n\tiprev=", Encoding.ASCII.GetString(fields.WrittenSpan), StringComparison.Ordinal);
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

    [Theory]
    [InlineData("v=DMARC1; p=reject", true)]
    [InlineData("v=DMARC1; p=quarantine", true)]
    [InlineData("v=DMARC1; p=quarantine; t=y", false)]
    [InlineData("v=DMARC1; p=none", false)]
    public async Task A_DNS_failure_that_hides_a_rejecting_policy_defers_the_message(string record, bool isDeferred)
    {
        _zone.Text("_dmarc.example.test", record).Fail("example.test");
        var verdict = await VerifyAsync(Message);
        Assert.Equal(isDeferred ? "451 4.4.3 DNS failure while checking whether this is mail from example.test, try again later" : null, verdict.Refusal?.ToString());
        Assert.Empty(verdict.Observations);
        Assert.Null((await VerifyAsync(Message, All with { DeferOnDnsFailure = false })).Refusal);
    }

    [Fact]
    public async Task A_DNS_failure_of_the_policy_lookup_defers_messages_that_are_not_exactly_aligned()
    {
        _zone.Fail("_dmarc.example.test").Text("example.test", "v=spf1 ip4:192.0.2.1 -all").Text("bounce.example.test", "v=spf1 ip4:192.0.2.1 -all");
        Assert.Null((await VerifyAsync(Message)).Refusal);
        Assert.StartsWith("451", (await VerifyAsync(Message, sender: "x@bounce.example.test")).Refusal?.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("451", (await VerifyAsync(Message, sender: "x@evil.test")).Refusal?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DNS_failure_of_one_check_does_not_affect_what_another_proves()
    {
        using var key = DkimKey.GenerateEd25519("example.test", "s");
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Fail("example.test").Text(key.DnsRecord.Name, key.DnsRecord.Value);
        Assert.Null((await VerifyAsync(Signed(Message, key))).Refusal);
    }

    [Fact]
    public async Task A_DNS_failure_is_never_a_pass()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Fail("example.test");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.QuarantineReason);
        Assert.Contains("dmarc=temperror (p=reject dis=none) header.from=example.test", verdict.Results);
        Assert.DoesNotContain(verdict.Results, r => r.Contains("=pass", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checks_that_take_too_long_end_as_a_temporary_error()
    {
        var limits = Limits.Default with { TrustCheckTimeout = TimeSpan.FromMilliseconds(50) };
        var verifier = new MessageVerifier(new SilentLookup(), TimeProvider.System, limits, "mx.here.test", All);
        var verdict = await verifier.VerifyAsync(Transaction("alice@example.test"), new InMemoryContent(Encoding.ASCII.GetBytes(Message)), CancellationToken.None);
        Assert.Equal(451, verdict!.Refusal?.Code);
        Assert.Equal(["iprev=temperror", "spf=temperror", "spf=temperror", "dkim=none", "dmarc=temperror"], verdict.Results.Select(r => r.Split(' ')[0]));
    }

    [Fact]
    public async Task Broken_DNS_of_an_unrelated_domain_does_not_save_a_forgery()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Fail("evil.test").Fail("_dmarc.evil.test").Fail("s._domainkey.evil.test");
        using var key = DkimKey.GenerateEd25519("evil.test", "s");
        Assert.Equal(550, (await VerifyAsync(Signed(Message, key), sender: "x@evil.test")).Refusal?.Code);
    }

    [Theory]
    [InlineData(true, false, false, "iprev spf spf")]
    [InlineData(false, true, false, "iprev dkim")]
    [InlineData(false, false, true, "iprev dmarc")]
    [InlineData(true, false, true, "iprev spf spf dmarc")]
    public async Task Only_enabled_checks_run_and_incomplete_evidence_rejects_nothing(bool spf, bool dkim, bool dmarc, string methods)
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var verdict = await VerifyAsync(Message, new TrustCheckOptions(spf, dkim, dmarc));
        Assert.Equal(methods, string.Join(' ', verdict.Results.Select(r => r[..r.IndexOf('=', StringComparison.Ordinal)])));
        Assert.Null(verdict.Refusal);
    }

    [Fact]
    public async Task The_HELO_name_is_checked_separately_and_rejects_nothing()
    {
        _zone.Text("client.test", "v=spf1 -all").Text("example.test", "v=spf1 ip4:192.0.2.1 -all").Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var verdict = await VerifyAsync(Message);
        Assert.Null(verdict.Refusal);
        Assert.Contains("spf=fail (-all) smtp.helo=client.test", verdict.Results);
        Assert.Contains("spf=pass (ip4:192.0.2.1) smtp.mailfrom=alice@example.test", verdict.Results);
        Assert.Equal("example.test", verdict.SpfDomain);
        Assert.Single((await VerifyAsync(Message, sender: null)).Results, r => r.StartsWith("spf=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_reverse_name_of_the_peer_is_reported_when_it_resolves_back()
    {
        _zone.Add("1.2.0.192.in-addr.arpa", "PTR", "out.example.test").Add("out.example.test", "A", IPAddress.Parse("192.0.2.1"));
        Assert.Equal("out.example.test", (await VerifyAsync(Message)).ReverseName);
        _zone.Add("1.2.0.192.in-addr.arpa", "PTR", "forged.bank.test");
        Assert.Equal("out.example.test", (await VerifyAsync(Message)).ReverseName);
    }

    [Theory]
    [InlineData("list.test", "dmarc=pass header.from=example.test", true)]
    [InlineData("list.test", "dkim=pass header.d=example.test", true)]
    [InlineData("list.test", "spf=pass smtp.mailfrom=x@bounce.example.test", true)]
    [InlineData("list.test", "dmarc=fail header.from=example.test; dkim=pass header.d=example.test", false)]
    [InlineData("list.test", "dmarc=pass header.from=other.test", false)]
    [InlineData("list.test", "dkim=pass header.d=evil.test", false)]
    [InlineData("list.test", "dkim=pass (header.d=example.test)", false)]
    [InlineData("other.test", "dmarc=pass header.from=example.test", false)]
    public async Task A_trusted_ARC_seal_overrides_a_DMARC_failure(string trusted, string results, bool isTaken)
    {
        using var key = DkimKey.GenerateRsa("list.test", "s");
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject; rua=mailto:r@example.test").Text(key.DnsRecord.Name, key.DnsRecord.Value);
        var forwarded = Sealed(Message, key, ArcResult.None, results.Split("; "));
        var verdict = await VerifyAsync(forwarded, All with { TrustedSealers = [trusted] }, sender: "list@list.test");
        Assert.Contains("arc=pass (1 set, good)", verdict.Results);
        Assert.Equal(isTaken, verdict.Refusal is null);
        var observation = Assert.Single(verdict.Observations);
        Assert.Equal(isTaken ? "trusted_forwarder" : null, observation.OverrideReason);
        Assert.Equal(isTaken ? "none" : "reject", observation.Disposition);
        if (isTaken) Assert.Contains("dmarc=fail (p=reject dis=none override=trusted_forwarder) header.from=example.test", verdict.Results);
        // Later changes break the chain.
        Assert.NotNull((await VerifyAsync(forwarded + "more\r\n", All with { TrustedSealers = [trusted] }, sender: "list@list.test")).Refusal);
    }

    [Fact]
    public async Task A_trusted_seal_below_an_untrusted_one_proves_nothing()
    {
        using var key = DkimKey.GenerateRsa("list.test", "s");
        using var stranger = DkimKey.GenerateRsa("evil.test", "s");
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject").Text(key.DnsRecord.Name, key.DnsRecord.Value).Text(stranger.DnsRecord.Name, stranger.DnsRecord.Value);
        var once = Sealed(Message, key, ArcResult.None, "dmarc=pass header.from=example.test");
        var trust = All with { TrustedSealers = ["list.test"] };
        Assert.NotNull((await VerifyAsync(Sealed(once, stranger, ArcResult.Pass, "arc=pass"), trust, sender: "x@evil.test")).Refusal);
        // In the other order the untrusted sealer comes before the trusted one, and its result does not count.
        var claimed = Sealed(Message, stranger, ArcResult.None, "dmarc=pass header.from=example.test");
        Assert.NotNull((await VerifyAsync(Sealed(claimed, key, ArcResult.Pass, "dmarc=fail header.from=example.test"), trust, sender: "x@evil.test")).Refusal);
        // Both are trusted: the result of the first counts.
        Assert.Null((await VerifyAsync(
            Sealed(once, stranger, ArcResult.Pass, "dmarc=fail header.from=example.test"), trust with { TrustedSealers = ["list.test", "evil.test"] }, sender: "x@evil.test")).Refusal);
    }

    [Fact]
    public async Task The_observation_for_reports_matches_the_result()
    {
        using var key = DkimKey.GenerateEd25519("example.test", "s");
        const string Record = "v=DMARC1; p=quarantine; rua=mailto:r@example.test";
        _zone.Text("_dmarc.example.test", Record).Text(key.DnsRecord.Name, key.DnsRecord.Value).Text("bounce.example.test", "v=spf1 ip4:192.0.2.1 -all");
        var row = Assert.Single((await VerifyAsync(Signed(Message, key), sender: "x@bounce.example.test")).Observations);
        Assert.Equal(("example.test", "bounce.example.test", "example.test", Record), (row.HeaderFrom, row.EnvelopeFrom, row.PolicyDomain, row.PolicyRecord));
        Assert.Equal((true, true, "none", null), (row.SpfAligned, row.DkimAligned, row.Disposition, row.OverrideReason));
        Assert.Equal(new DkimObservation("example.test", "s", "pass"), Assert.Single(row.Dkim));
        Assert.Equal(("bounce.example.test", "pass"), row.Spf);
        row = Assert.Single((await VerifyAsync(Message, sender: "x@evil.test")).Observations);
        Assert.Equal((false, false, "quarantine", null), (row.SpfAligned, row.DkimAligned, row.Disposition, row.OverrideReason));
        row = Assert.Single((await VerifyAsync(Message, new TrustCheckOptions(Spf: false, Dkim: true, Dmarc: true), "x@evil.test")).Observations);
        Assert.Equal(("none", "local_policy"), (row.Disposition, row.OverrideReason));
        Assert.Empty((await VerifyAsync("From: x@other.test\r\n\r\n")).Observations);
    }

    private static string Signed(string message, DkimKey key)
    {
        var signature = new ArrayBufferWriter<byte>();
        DkimSigner.TrySign(signature, [key], [], new InMemoryContent(Encoding.ASCII.GetBytes(message)), DateTimeOffset.UnixEpoch, 65536);
        return Encoding.ASCII.GetString(signature.WrittenSpan) + message;
    }

    private static string Sealed(string message, DkimKey key, ArcResult state, params string[] results)
    {
        var chain = ArcChain.Read(SignedMessage.Read(new InMemoryContent(Encoding.ASCII.GetBytes(message)), 65536)!);
        return ArcSealer.Seal(chain, state, key, new ArcSealOptions { AuthservId = "mx." + key.Domain, Results = results, Now = DateTimeOffset.UnixEpoch }) + message;
    }

    private async Task<TrustVerdict> VerifyAsync(string message, TrustCheckOptions? checks = null, string? sender = "alice@example.test")
    {
        var verifier = new MessageVerifier(_zone, TimeProvider.System, Limits.Default, "mx.here.test", checks ?? All);
        return (await verifier.VerifyAsync(Transaction(sender), new InMemoryContent(Encoding.ASCII.GetBytes(message)), CancellationToken.None))!;
    }

    private static MailTransaction Transaction(string? sender) => new()
    {
        SessionId = "1",
        Policy = SessionPolicy.Receiving,
        RemoteAddress = IPAddress.Parse("192.0.2.1"),
        HeloName = "client.test",
        UsesEhlo = true,
        Tls = null,
        Account = null,
        Sender = sender is null ? null : EmailAddress.Parse(sender),
        SmtpUtf8 = false,
        EightBit = false,
        Recipients = [EmailAddress.Parse("bob@here.test")],
    };

    /// <summary>A DNS resolver that never answers.</summary>
    private sealed class SilentLookup : IDnsLookup
    {
        public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) => NeverAsync<IPAddress>(cancel);

        public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) => NeverAsync<IPAddress>(cancel);

        public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) => NeverAsync<MailExchange>(cancel);

        public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) => NeverAsync<string>(cancel);

        public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) => NeverAsync<string>(cancel);

        private static async Task<DnsAnswer<T>> NeverAsync<T>(CancellationToken cancel)
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return new DnsAnswer<T>.NoRecords(NameExists: false);
        }
    }
}
