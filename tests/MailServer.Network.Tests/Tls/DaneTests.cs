using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Certificates;
using MailServer.Network.Dns;
using MailServer.Network.Listeners;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;

namespace MailServer.Network.Tests.Tls;

/// <summary>TLS handshakes with hosts that have TLSA records.</summary>
public sealed class DaneTests
{
    private static readonly TestAuthority Authority = new();
    private static readonly X509Certificate2 Good = Authority.Issue("mx.test");
    private static readonly X509Certificate2 Expired = Authority.Issue("mx.test", age: 8);
    private static readonly X509Certificate2 Elsewhere = Authority.Issue("elsewhere.test");

    [Fact]
    public async Task A_certificate_matched_by_DANE_EE_is_valid_whatever_its_name_date_and_issuer()
    {
        Assert.Null((await ShakeAsync(Good, Of(Good, 3, 1, 1))).Fault);
        Assert.Null((await ShakeAsync(Expired, Of(Expired, 3, 1, 1))).Fault);
        Assert.Null((await ShakeAsync(Elsewhere, Of(Elsewhere, 3, 0, 2), Of(Good, 3, 1, 1))).Fault);
        Assert.Equal(PeerTrust.Dane, (await ShakeAsync(Good, Of(Good, 3, 0, 0))).Trust);
    }

    [Fact]
    public async Task A_certificate_that_does_not_match_the_records_is_refused()
    {
        Assert.Equal(CertificateFault.NoTlsaMatch, (await ShakeAsync(Good, Of(Elsewhere, 3, 1, 1))).Fault);
        Assert.Equal(CertificateFault.NoTlsaMatch, (await ShakeAsync(Good, Of(new TestAuthority().Root, 2, 1, 1))).Fault);
        // The weaker digest matches, the stronger does not: the stronger decides.
        Assert.Equal(CertificateFault.NoTlsaMatch, (await ShakeAsync(Good, Of(Good, 3, 1, 1), Of(Elsewhere, 3, 1, 2))).Fault);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_chain_to_a_DANE_TA_authority_is_valid_if_current_and_for_the_right_name(byte selector)
    {
        // A .NET server does not send the root, only the intermediate.
        var record = Of(Authority.Intermediate, 2, selector, 1);
        Assert.Equal(PeerTrust.Dane, (await ShakeAsync(Good, record)).Trust);
        Assert.Equal(CertificateFault.WrongName, (await ShakeAsync(Elsewhere, record)).Fault);
        Assert.Equal(CertificateFault.Expired, (await ShakeAsync(Expired, record)).Fault);
    }

    [Fact]
    public async Task A_full_CA_certificate_in_the_record_need_not_be_sent() =>
        Assert.Null((await ShakeAsync(Good, [Authority.Chain[0]], Of(Authority.Root, 2, 0, 0))).Fault);

    [Fact]
    public async Task A_CA_certificate_in_the_chain_does_not_help_a_certificate_it_did_not_sign()
    {
        // The same names with other keys: the chain matches the record, but did not sign the certificate.
        var impostor = new TestAuthority().Issue("mx.test");
        Assert.NotNull((await ShakeAsync(impostor, Authority.Chain, Of(Authority.Root, 2, 0, 1))).Fault);
        Assert.NotNull((await ShakeAsync(impostor, Authority.Chain, Of(Authority.Intermediate, 2, 1, 1))).Fault);
        using var alone = SelfSigned("CN=mx.test");
        Assert.NotNull((await ShakeAsync(alone, Authority.Chain, Of(Authority.Root, 2, 0, 1))).Fault);
    }

    private static Task<PeerVerdict> ShakeAsync(X509Certificate2 certificate, params TlsaRecord[] records) => ShakeAsync(certificate, Authority.Chain, records);

    /// <summary>The DANE result of a handshake that always continues; one with enforcement fails exactly when there is a fault.</summary>
    private static async Task<PeerVerdict> ShakeAsync(X509Certificate2 certificate, X509Certificate2Collection chain, params TlsaRecord[] records)
    {
        var shown = new CertificateSelector(new TestCertificate(new ServerCertificate(certificate, chain)));
        await using var server = await TestServer.StartAsync(ListenerKind.Submissions, TestStreams.EchoAsync, shown);
        var connector = new OutboundConnector(new Resolver([]), Limits.Default, TimeProvider.System);
        var check = new PeerRequirements { Names = ["mx.test"], Tlsa = records, Required = false };
        await using var open = await connector.ConnectAsync(IPAddress.Loopback.ToString(), server.Port, AddressRule.None, TestStreams.Patience, CancellationToken.None);
        await open.StartTlsAsync(check, CancellationToken.None);
        await using var strict = await connector.ConnectAsync(IPAddress.Loopback.ToString(), server.Port, AddressRule.None, TestStreams.Patience, CancellationToken.None);
        var failure = await Record.ExceptionAsync(async () => await strict.StartTlsAsync(check with { Required = true }, CancellationToken.None));
        Assert.Equal(open.Peer!.Fault, (failure as TlsException)?.Fault);
        return open.Peer;
    }

    private static TlsaRecord Of(X509Certificate2 certificate, byte usage, byte selector, byte matching)
    {
        var octets = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new TlsaRecord(usage, selector, matching, matching switch { 1 => SHA256.HashData(octets), 2 => SHA512.HashData(octets), _ => octets });
    }

    private static X509Certificate2 SelfSigned(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
