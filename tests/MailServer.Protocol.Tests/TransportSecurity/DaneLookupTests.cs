using System.Net;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Protocol.Tests.TransportSecurity;

public sealed class DaneLookupTests
{
    private const string Mx = "mx.example.org";
    private static readonly TlsaRecord Record = new(3, 1, 1, new byte[32]);

    [Fact]
    public async Task Records_of_a_host_with_secure_addresses_are_found()
    {
        var found = Assert.IsType<DaneLookupResult.RecordsFound>(await FindAsync(new SecureZone().Host(Mx).Tlsa(Mx, true, Record)));
        Assert.Equal((Mx, Record), (found.Name, Assert.Single(found.Records)));
    }

    [Fact]
    public async Task Records_of_the_CNAME_target_come_before_those_of_the_alias()
    {
        var zone = new SecureZone().Host(Mx, canonical: "real.example.net").Tlsa(Mx, true, Record with { Usage = 2 });
        Assert.Equal(Mx, Assert.IsType<DaneLookupResult.RecordsFound>(await FindAsync(zone)).Name);
        zone.Tlsa("real.example.net", true, Record);
        Assert.Equal("real.example.net", Assert.IsType<DaneLookupResult.RecordsFound>(await FindAsync(zone)).Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_alias_to_an_unsigned_zone_has_records_only_if_the_alias_is_signed(bool signed)
    {
        var zone = new SecureZone().Host(Mx, secure: false, canonical: "real.example.net").Alias(Mx, "real.example.net", signed).Tlsa(Mx, true, Record);
        Assert.Equal(signed, await FindAsync(zone) is DaneLookupResult.RecordsFound { Name: Mx });
    }

    [Fact]
    public async Task No_TLSA_query_is_sent_without_a_secure_path_to_the_host()
    {
        var untrusted = new SecureZone { IsTrusted = false };
        Assert.IsType<DaneLookupResult.NotApplicable>(await FindAsync(untrusted.Host(Mx).Tlsa(Mx, true, Record)));
        Assert.Empty(untrusted.Questions);
        var zone = new SecureZone().Host(Mx, secure: false).Tlsa(Mx, true, Record);
        Assert.IsType<DaneLookupResult.NotApplicable>(await FindAsync(zone));
        Assert.Equal([Mx], zone.Questions);
        Assert.IsType<DaneLookupResult.NotApplicable>(await FindAsync(new SecureZone().Host(Mx).Tlsa(Mx, true, Record), exchangeIsSecure: false));
        Assert.IsType<DaneLookupResult.NotApplicable>(await new DaneLookup(new SecureZone()).FindAsync("192.0.2.1", 25, true, CancellationToken.None));
    }

    [Fact]
    public async Task A_missing_and_an_unsigned_record_are_equivalent()
    {
        Assert.IsType<DaneLookupResult.NotApplicable>(await FindAsync(new SecureZone().Host(Mx)));
        Assert.IsType<DaneLookupResult.NotApplicable>(await FindAsync(new SecureZone().Host(Mx).Tlsa(Mx, false, Record)));
    }

    [Fact]
    public async Task A_failed_query_is_a_failure()
    {
        Assert.IsType<DaneLookupResult.LookupFailed>(await FindAsync(new SecureZone().Host(Mx).Tlsa(Mx, new DnsAnswer<TlsaRecord>.TemporaryFailure("bogus"))));
        Assert.IsType<DaneLookupResult.LookupFailed>(await FindAsync(new SecureZone().Host(Mx, new DnsAnswer<IPAddress>.TemporaryFailure("bogus"))));
    }

    private static Task<DaneLookupResult> FindAsync(SecureZone zone, bool exchangeIsSecure = true) =>
        new DaneLookup(zone).FindAsync(Mx, 25, exchangeIsSecure, CancellationToken.None);
}
