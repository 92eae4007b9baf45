using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Protocol.Tests.TransportSecurity;

public sealed class HostTlsPolicyTests
{
    private const string Mx = "mx.example.org";
    private static readonly TlsaRecord Good = new(3, 1, 1, new byte[32]);
    private static readonly TlsaRecord Unusable = new(1, 1, 1, new byte[32]);
    private static readonly DaneLookupResult None = new DaneLookupResult.NotApplicable("no record");
    private static readonly DaneLookupResult Failed = new DaneLookupResult.LookupFailed("bogus");
    private static readonly DaneLookupResult Found = new DaneLookupResult.RecordsFound(Mx, [Good, Unusable]);

    [Theory]
    [InlineData(false, TlsSecurityLevel.WhenOffered)]
    [InlineData(true, TlsSecurityLevel.Encrypted)]
    public void Without_a_policy_the_configuration_decides(bool mustEncrypt, TlsSecurityLevel demand)
    {
        var policy = HostTlsPolicy.Decide(Facts(mustEncrypt: mustEncrypt), Mx, None);
        Assert.Equal((TlsPolicyType.None, demand), (policy.Type, policy.Level));
        Assert.Null(policy.Refusal);
    }

    [Fact]
    public void A_host_of_an_enforced_policy_needs_a_valid_certificate()
    {
        var policy = HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, Mx)), Mx, None);
        Assert.Equal((TlsPolicyType.Sts, TlsSecurityLevel.Verified), (policy.Type, policy.Level));
        Assert.Equal([Mx], policy.CertificateNames);
        Assert.Null(policy.Refusal);
        Assert.Equal("mode: enforce", policy.PolicyStrings[1]);
    }

    [Fact]
    public void A_host_outside_an_enforced_policy_is_refused_temporarily()
    {
        var policy = HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org")), Mx, None);
        Assert.Equal((451, "4.7.5"), (policy.Refusal!.Code, policy.Refusal.EnhancedCode));
        Assert.Equal("validation-failure", policy.FailureResultType);
    }

    [Fact]
    public void A_testing_policy_blocks_nothing_and_is_reported()
    {
        var policy = HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.Testing, "other.example.org")), Mx, None);
        Assert.Equal((TlsPolicyType.Sts, TlsSecurityLevel.WhenOffered, "validation-failure"), (policy.Type, policy.Level, policy.FailureResultType));
        Assert.Null(policy.Refusal);
        Assert.Null(HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.Testing, Mx)), Mx, None).FailureResultType);
    }

    [Fact]
    public void A_policy_of_mode_none_has_no_effect() => Assert.Equal(TlsPolicyType.None, HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.None, Mx)), Mx, None).Type);

    [Fact]
    public void TLSA_records_override_a_policy_even_one_that_omits_the_host()
    {
        var policy = HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org")), Mx, Found);
        Assert.Equal((TlsPolicyType.Tlsa, TlsSecurityLevel.Verified), (policy.Type, policy.Level));
        Assert.Equal([Good], policy.TlsaRecords);
        Assert.Equal([Mx, "example.org"], policy.CertificateNames);
        Assert.Equal(2, policy.PolicyStrings.Count);
        Assert.Null(policy.Refusal);
    }

    [Fact]
    public void Unusable_records_still_require_encryption()
    {
        var policy = HostTlsPolicy.Decide(Facts(), Mx, new DaneLookupResult.RecordsFound(Mx, [Unusable]));
        Assert.Equal((TlsSecurityLevel.Encrypted, "tlsa-invalid"), (policy.Level, policy.FailureResultType));
        Assert.Empty(policy.TlsaRecords);
    }

    [Fact]
    public void A_host_whose_TLSA_lookup_fails_is_refused_temporarily()
    {
        var policy = HostTlsPolicy.Decide(Facts(), Mx, Failed);
        Assert.True(policy.Refusal!.IsTransient);
        Assert.Equal("dnssec-invalid", policy.FailureResultType);
    }

    [Fact]
    public void A_message_with_TLS_optional_is_not_delayed_by_a_policy()
    {
        foreach (var dane in (DaneLookupResult[])[None, Failed, Found])
        {
            var policy = HostTlsPolicy.Decide(Facts(Sts(MtaStsMode.Enforce, "other.example.org"), MessageTlsRequirement.Optional), Mx, dane);
            Assert.Equal((TlsSecurityLevel.WhenOffered, TlsPolicyType.None), (policy.Level, policy.Type));
            Assert.Null(policy.Refusal);
        }
    }

    [Fact]
    public void REQUIRETLS_needs_an_authenticated_host_found_by_secure_means()
    {
        var uncertain = HostTlsPolicy.Decide(Facts(wish: MessageTlsRequirement.Verified), Mx, None);
        Assert.Equal((550, "5.7.30"), (uncertain.Refusal!.Code, uncertain.Refusal.EnhancedCode));
        foreach (var facts in (DestinationTlsContext[])[Facts(Sts(MtaStsMode.Testing, Mx), MessageTlsRequirement.Verified), Facts(wish: MessageTlsRequirement.Verified, secure: true)])
        {
            var policy = HostTlsPolicy.Decide(facts, Mx, None);
            Assert.Equal((TlsSecurityLevel.Verified, true), (policy.Level, policy.RequireTls));
            Assert.Null(policy.Refusal);
        }

        Assert.True(HostTlsPolicy.Decide(Facts(wish: MessageTlsRequirement.Verified, secure: true), Mx, Failed).Refusal!.IsTransient);
        Assert.True(HostTlsPolicy.ForRelay("relay.example.net", TlsSecurityLevel.WhenOffered, MessageTlsRequirement.Verified) is { Level: TlsSecurityLevel.Verified, RequireTls: true });
    }

    private static DestinationTlsContext Facts(MtaStsPolicy? sts = null, MessageTlsRequirement wish = MessageTlsRequirement.AsPolicy, bool secure = false, bool mustEncrypt = false) => new()
    {
        Domain = "example.org",
        Requirement = wish,
        ExchangesAreSecure = secure,
        StsPolicy = sts,
        RequireEncryption = mustEncrypt,
    };

    private static MtaStsPolicy Sts(MtaStsMode mode, string mx) => MtaStsPolicy.ForHost(mx, mode);
}
