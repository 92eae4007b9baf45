using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Tests.TransportSecurity;

public sealed class TlsaRecordTests
{
    private static readonly X509Certificate2 Ours = Make();
    private static readonly X509Certificate2 Other = Make();

    public static TheoryData<byte, byte> Kinds => new() { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 1, 0 }, { 1, 1 }, { 1, 2 } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_selector_and_matching_type_fits_its_certificate_and_no_other(byte selector, byte matching)
    {
        var record = new TlsaRecord(3, selector, matching, Data(Ours, selector, matching));
        Assert.True(record.IsUsable);
        Assert.True(record.Matches(Ours));
        Assert.False(record.Matches(Other));
        Assert.True((record with { Usage = 2 }).Matches(Ours));
    }

    [Theory]
    [InlineData(0, 1, 1, 32)]
    [InlineData(1, 1, 1, 32)]
    [InlineData(4, 1, 1, 32)]
    [InlineData(3, 2, 1, 32)]
    [InlineData(3, 1, 3, 32)]
    [InlineData(3, 1, 1, 31)]
    [InlineData(3, 1, 1, 64)]
    [InlineData(3, 1, 2, 32)]
    [InlineData(3, 1, 0, 0)]
    public void The_usages_of_the_world_s_authorities_and_whatever_cannot_match_are_not_usable(byte usage, byte selector, byte matching, int length) =>
        Assert.False(new TlsaRecord(usage, selector, matching, new byte[length]).IsUsable);

    [Fact]
    public void Of_several_digests_the_strongest_counts_and_each_usage_for_itself()
    {
        var weak = new TlsaRecord(3, 1, 1, Data(Ours, 1, 1));
        var strong = new TlsaRecord(3, 1, 2, Data(Other, 1, 2));
        var exact = new TlsaRecord(3, 1, 0, Data(Ours, 1, 0));
        var anchor = new TlsaRecord(2, 1, 1, Data(Ours, 1, 1));
        Assert.Equal([strong, anchor], TlsaRecord.Strongest([weak, strong, anchor]));
        Assert.Equal([exact, strong], TlsaRecord.Strongest([exact, weak, strong]));
        Assert.Equal([weak], TlsaRecord.Strongest([weak, new TlsaRecord(3, 1, 2, new byte[5])]));
    }

    [Fact]
    public void A_record_is_written_as_in_a_zone_file()
    {
        var record = new TlsaRecord(3, 1, 1, Data(Ours, 1, 1));
        Assert.True(record.Matches(Ours));
        Assert.Equal("3 1 1 " + Convert.ToHexStringLower(SHA256.HashData(Ours.PublicKey.ExportSubjectPublicKeyInfo())), record.ToString());
        Assert.Equal("_25._tcp.mail.example.org", TlsaRecord.NameFor("mail.example.org"));
    }

    private static byte[] Data(X509Certificate2 certificate, byte selector, byte matching)
    {
        var octets = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return matching switch { 1 => SHA256.HashData(octets), 2 => SHA512.HashData(octets), _ => octets };
    }

    private static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=mx.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
    }
}
