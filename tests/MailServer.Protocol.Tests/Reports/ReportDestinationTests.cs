using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.Reports;
using MailServer.Protocol.Tests.MessageAuthentication;

namespace MailServer.Protocol.Tests.Reports;

/// <summary>Destinations of reports, and the consent they need.</summary>
public sealed class ReportDestinationTests
{
    private readonly ZoneLookup _zone = new ZoneLookup().Text("_dmarc.d.test", "v=DMARC1; p=none");

    [Theory]
    [InlineData("mailto:a@d.test", "a@d.test", null)]
    [InlineData("MailTo:a%2Bb@d.test!10m", "a+b@d.test", 10L * 1024 * 1024)]
    [InlineData("mailto:a@d.test!50", "a@d.test", 50L)]
    [InlineData("mailto:a@d.test?subject=x", "a@d.test", null)]
    public void An_address_is_parsed_with_its_size_limit(string text, string address, long? size)
    {
        Assert.True(ReportUri.TryParse(text, out var uri));
        Assert.Equal((address, size), (uri.Address!.ToString(), uri.MaxSize));
    }

    [Theory]
    [InlineData("http://d.test/")]
    [InlineData("ftp://d.test/")]
    [InlineData("mailto:")]
    [InlineData("mailto:nobody")]
    [InlineData("mailto:a@[127.0.0.1]")]
    [InlineData("https://user:secret@d.test/")]
    [InlineData("https:///")]
    [InlineData("a@d.test")]
    public void Invalid_report_destinations_are_left_out(string text) => Assert.False(ReportUri.TryParse(text, out _));

    [Fact]
    public async Task A_destination_in_the_domain_itself_needs_no_consent()
    {
        var route = await DmarcAsync("d.test", "mailto:a@d.test,mailto:b@mail.d.test!10m,mailto:a@d.test");
        Assert.Equal(["a@d.test", "b@mail.d.test"], route.Uris.Select(u => u.Address!.ToString()));
        Assert.Empty(route.Notes);
    }

    [Fact]
    public async Task A_destination_elsewhere_needs_the_consent_of_its_domain()
    {
        _zone.Text("d.test._report._dmarc.agree.test", "v=DMARC1;").Text("d.test._report._dmarc.junk.test", "agreed");
        var route = await DmarcAsync("d.test", "mailto:a@agree.test,mailto:a@silent.test,mailto:a@junk.test");
        Assert.Equal(["a@agree.test"], route.Uris.Select(u => u.Address!.ToString()));
        Assert.Equal(2, route.Notes.Count);
        Assert.Contains("d.test._report._dmarc.silent.test", route.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consent_record_may_name_another_address_only_at_the_same_host()
    {
        _zone.Text("d.test._report._dmarc.agree.test", "v=DMARC1; rua=mailto:other@agree.test").Text("d.test._report._dmarc.sly.test", "v=DMARC1; rua=mailto:victim@elsewhere.test");
        var route = await DmarcAsync("d.test", "mailto:a@agree.test,mailto:a@sly.test");
        Assert.Equal(["other@agree.test"], route.Uris.Select(u => u.Address!.ToString()));
        Assert.Contains("names another host", Assert.Single(route.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DNS_failure_defers_the_report()
    {
        _zone.Fail("d.test._report._dmarc.slow.test");
        var route = await DmarcAsync("d.test", "mailto:a@slow.test");
        Assert.Empty(route.Uris);
        Assert.True(route.IsTemporary);
    }

    [Fact]
    public async Task The_number_of_destinations_examined_is_limited()
    {
        var route = await DmarcAsync("d.test", string.Join(',', Enumerable.Range(0, 50).Select(i => $"mailto:a{i}@d.test")));
        Assert.Equal(10, route.Uris.Count);
    }

    [Fact]
    public async Task TLS_report_destinations_by_mail_and_HTTPS_come_from_the_single_record()
    {
        _zone.Text("_smtp._tls.d.test", "v=TLSRPTv1; rua=mailto:t@elsewhere.test,https://reports.d.test/v1")
            .Text("_smtp._tls.twice.test", "v=TLSRPTv1; rua=mailto:a@twice.test").Text("_smtp._tls.twice.test", "v=TLSRPTv1; rua=mailto:b@twice.test");
        var destinations = new ReportDestinationFinder(_zone, 10);
        var route = await destinations.FindTlsAsync("d.test", default);
        Assert.Equal("t@elsewhere.test", route.Uris[0].Address?.ToString());
        Assert.Equal(new Uri("https://reports.d.test/v1"), route.Uris[1].Upload);
        Assert.Empty((await destinations.FindTlsAsync("twice.test", default)).Uris);
        Assert.Empty((await destinations.FindTlsAsync("none.test", default)).Uris);
    }

    private Task<ReportRoute> DmarcAsync(string domain, string rua) =>
        new ReportDestinationFinder(_zone, 10).FindDmarcAsync(domain, $"v=DMARC1; p=none; rua={rua}", default);
}
