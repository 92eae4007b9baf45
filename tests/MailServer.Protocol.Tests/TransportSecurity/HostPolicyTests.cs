using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Protocol.Tests.TransportSecurity;

public sealed class HostPolicyTests
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
    public void A_host_of_an_enforced_policy_must_prove_its_name()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, Mx)), Mx, None);
        Assert.Equal((TlsPolicyType.Sts, TlsDemand.Verified), (policy.Type, policy.Demand));
        Assert.Equal([Mx], policy.Names);
        Assert.Null(policy.Refusal);
        Assert.Equal("mode: enforce", policy.PolicyStrings[1]);
    }

    [Fact]
    public void A_host_that_an_enforced_policy_does_not_name_is_refused_for_now()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org")), Mx, None);
        Assert.Equal((451, "4.7.5"), (policy.Refusal!.Code, policy.Refusal.EnhancedCode));
        Assert.Equal("validation-failure", policy.Fault);
    }

    [Fact]
    public void A_policy_in_testing_stands_in_the_way_of_nothing_and_is_reported()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Testing, "other.example.org")), Mx, None);
        Assert.Equal((TlsPolicyType.Sts, TlsDemand.WhenOffered, "validation-failure"), (policy.Type, policy.Demand, policy.Fault));
        Assert.Null(policy.Refusal);
        Assert.Null(HostPolicy.Decide(Facts(Sts(MtaStsMode.Testing, Mx)), Mx, None).Fault);
    }

    [Fact]
    public void A_policy_of_mode_none_is_none() => Assert.Equal(TlsPolicyType.None, HostPolicy.Decide(Facts(Sts(MtaStsMode.None, Mx)), Mx, None).Type);

    [Fact]
    public void TLSA_records_come_before_a_policy_even_one_that_does_not_name_the_host()
    {
        var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org")), Mx, Found);
        Assert.Equal((TlsPolicyType.Tlsa, TlsDemand.Verified), (policy.Type, policy.Demand));
        Assert.Equal([Good], policy.Tlsa);
        Assert.Equal([Mx, "example.org"], policy.Names);
        Assert.Equal(2, policy.PolicyStrings.Count);
        Assert.Null(policy.Refusal);
    }

    [Fact]
    public void Records_of_which_none_can_be_used_still_ask_for_encryption()
    {
        var policy = HostPolicy.Decide(Facts(), Mx, new DaneAnswer.Found(Mx, [Unusable]));
        Assert.Equal((TlsDemand.Encrypted, "tlsa-invalid"), (policy.Demand, policy.Fault));
        Assert.Empty(policy.Tlsa);
    }

    [Fact]
    public void A_host_whose_records_cannot_be_had_is_refused_for_now()
    {
        var policy = HostPolicy.Decide(Facts(), Mx, Failed);
        Assert.True(policy.Refusal!.IsTransient);
        Assert.Equal("dnssec-invalid", policy.Fault);
    }

    [Fact]
    public void A_message_for_which_TLS_is_optional_is_held_up_by_no_policy()
    {
        foreach (var dane in (DaneAnswer[])[None, Failed, Found])
        {
            var policy = HostPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org"), TlsWish.Optional), Mx, dane);
            Assert.Equal((TlsDemand.WhenOffered, TlsPolicyType.None), (policy.Demand, policy.Type));
            Assert.Null(policy.Refusal);
        }
    }

    [Fact]
    public void REQUIRETLS_asks_for_a_proven_host_of_which_it_is_certain_that_it_is_the_right_one()
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
