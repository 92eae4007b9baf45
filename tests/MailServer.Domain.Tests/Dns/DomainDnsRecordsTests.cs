using MailServer.Domain.Dns;

namespace MailServer.Domain.Tests.Dns;

public sealed class DomainDnsRecordsTests
{
    [Theory]
    [InlineData(null, "v=spf1 mx -all")]
    [InlineData("relay.example.net", "v=spf1 mx include:relay.example.net -all")]
    [InlineData("192.0.2.1", "v=spf1 mx ip4:192.0.2.1 -all")]
    [InlineData("2001:db8::1", "v=spf1 mx ip6:2001:db8::1 -all")]
    public void SPF_names_the_relay_by_name_or_address(string? relay, string expected)
    {
        var records = DomainDnsRecords.Records(new ZoneParameters { Domain = "example.org", Hostname = "mail.example.org", RelayHost = relay });
        Assert.Contains(records, r => r.Name == "example.org" && r.Type == "TXT" && r.Value == expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4190)]
    public void ManageSieve_has_a_record_if_it_is_offered(int port)
    {
        var records = DomainDnsRecords.Records(new ZoneParameters { Domain = "example.org", Hostname = "mail.example.org", ManagesievePort = port });
        var found = records.Where(static r => r.Name == "_sieve._tcp.example.org").Select(static r => (r.Type, r.Value, r.Need)).ToArray();
        Assert.Equal(port == 0 ? [] : [("SRV", "0 1 4190 mail.example.org.", RequirementLevel.Optional)], found);
    }
}
