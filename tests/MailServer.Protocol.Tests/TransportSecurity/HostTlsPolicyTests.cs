using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Protocol.Tests.TransportSecurity;

public sealed class HostTlsPolicyTests
{
    private const string Mx = "mx.example.org";
    private static readonly TlsaRecord Good = new(3, 1, 1, new byte[32]);
    private static readonly TlsaRecord Unusable = new(1, 1, 1, new byte[32]);
    private static readonly DaneAnswer None = new DaneAnswer.NotUsed("no record");
    private static readonly DaneAnswer Failed = new DaneAnswer.Failed("bogus");
    private static readonly DaneAnswer Found = new DaneAnswer.Found(Mx, [Good, Unusable]);

    [Theory]
    [InlineData(false, TlsDemand.WhenOffered)]
    [InlineData(true, TlsDemand.Encrypted)]
    public void Without_a_policy_the_configuration_decides(bool mustEncrypt, TlsDemand demand)
    {
        var policy = HostPolicy.Decide(Facts(mustEncrypt: mustEncrypt), Mx, None);
        Assert.Equal((TlsPolicyType.None, demand), (policy.Type, policy.Demand));
        Assert.Null(policy.Refusal);
    }

    [Fact]
    public void A_host_of_an_enforced_policy_needs_a_valid_certificate()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, Mx)), Mx, None);
        Assert.Equal((TlsPolicyType.Sts, TlsDemand.Verified), (policy.Type, policy.Demand));
        Assert.Equal([Mx], policy.Names);
        Assert.Null(policy.Refusal);
        Assert.Equal("mode: enforce", policy.PolicyStrings[1]);
    }

    [Fact]
    public void A_host_outside_an_enforced_policy_is_refused_temporarily()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org")), Mx, None);
        Assert.Equal((451, "4.7.5"), (policy.Refusal!.Code, policy.Refusal.EnhancedCode));
        Assert.Equal("validation-failure", policy.Fault);
    }

    [Fact]
    public void A_testing_policy_blocks_nothing_and_is_reported()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Testing, "other.example.org")), Mx, None);
        Assert.Equal((TlsPolicyType.Sts, TlsDemand.WhenOffered, "validation-failure"), (policy.Type, policy.Demand, policy.Fault));
        Assert.Null(policy.Refusal);
        Assert.Null(HostPolicy.Decide(Facts(Sts(MtaStsMode.Testing, Mx)), Mx, None).Fault);
    }

    [Fact]
    public void A_policy_of_mode_none_has_no_effect() => Assert.Equal(TlsPolicyType.None, HostPolicy.Decide(Facts(Sts(MtaStsMode.None, Mx)), Mx, None).Type);

    [Fact]
    public void TLSA_records_override_a_policy_even_one_that_omits_the_host()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org")), Mx, Found);
        Assert.Equal((TlsPolicyType.Tlsa, TlsDemand.Verified), (policy.Type, policy.Demand));
        Assert.Equal([Good], policy.Tlsa);
        Assert.Equal([Mx, "example.org"], policy.Names);
        Assert.Equal(2, policy.PolicyStrings.Count);
        Assert.Null(policy.Refusal);
    }

    [Fact]
    public void Unusable_records_still_require_encryption()
    {
        var policy = HostPolicy.Decide(Facts(), Mx, new DaneAnswer.Found(Mx, [Unusable]));
        Assert.Equal((TlsDemand.Encrypted, "tlsa-invalid"), (policy.Demand, policy.Fault));
        Assert.Empty(policy.Tlsa);
    }

    [Fact]
    public void A_host_whose_TLSA_lookup_fails_is_refused_temporarily()
    {
        var policy = HostPolicy.Decide(Facts(), Mx, Failed);
        Assert.True(policy.Refusal!.IsTransient);
        Assert.Equal("dnssec-invalid", policy.Fault);
    }

    [Fact]
    public void A_message_with_TLS_optional_is_not_delayed_by_a_policy()
    {
        foreach (var dane in (DaneAnswer[])[None, Failed, Found])
        {
            var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org"), TlsWish.Optional), Mx, dane);
            Assert.Equal((TlsDemand.WhenOffered, TlsPolicyType.None), (policy.Demand, policy.Type));
            Assert.Null(policy.Refusal);
        }
    }

    [Fact]
    public void REQUIRETLS_needs_an_authenticated_host_found_by_secure_means()
    {
        var uncertain = HostPolicy.Decide(Facts(wish: TlsWish.Verified), Mx, None);
        Assert.Equal((550, "5.7.30"), (uncertain.Refusal!.Code, uncertain.Refusal.EnhancedCode));
        foreach (var facts in (DomainFacts[])[Facts(Sts(MtaStsMode.Testing, Mx), TlsWish.Verified), Facts(wish: TlsWish.Verified, secure: true)])
        {
            var policy = HostPolicy.Decide(facts, Mx, None);
            Assert.Equal((TlsDemand.Verified, true), (policy.Demand, policy.RequireTls));
            Assert.Null(policy.Refusal);
        }

        Assert.True(HostPolicy.Decide(Facts(wish: TlsWish.Verified, secure: true), Mx, Failed).Refusal!.IsTransient);
        Assert.True(HostPolicy.ForRelay("relay.example.net", TlsDemand.WhenOffered, TlsWish.Verified) is { Demand: TlsDemand.Verified, RequireTls: true });
    }

    private static DomainFacts Facts(MtaStsPolicy? sts = null, TlsWish wish = TlsWish.AsPolicy, bool secure = false, bool mustEncrypt = false) => new()
    {
        Domain = "example.org",
        Wish = wish,
        ExchangesAreSecure = secure,
        Sts = sts,
        MustEncrypt = mustEncrypt,
    };

    private static MtaStsPolicy Sts(MtaStsMode mode, string mx) => MtaStsPolicy.ForHost(mx, mode);
}
