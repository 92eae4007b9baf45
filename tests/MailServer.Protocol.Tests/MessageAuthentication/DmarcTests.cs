using System.Net;
using System.Text;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class DmarcTests
{
    private readonly ZoneLookup _zone = new();

    [Fact]
    public async Task A_domain_without_a_record_has_no_policy()
    {
        var outcome = await EvaluateAsync("example.test");
        Assert.Equal((DmarcResult.None, DmarcPolicy.None), (outcome.Result, outcome.Disposition));
        Assert.Null(outcome.Policy);
    }

    [Theory]
    [InlineData("p=reject", DmarcPolicy.Reject)]
    [InlineData("p=quarantine", DmarcPolicy.Quarantine)]
    [InlineData("p=none", DmarcPolicy.None)]
    [InlineData("p=whatever", DmarcPolicy.None)]
    [InlineData("rua=mailto:x@example.test", DmarcPolicy.None)]
    [InlineData("p=reject; t=y", DmarcPolicy.Quarantine)]
    [InlineData("p=quarantine; t=y", DmarcPolicy.None)]
    [InlineData("sp=none; P = Reject ;;nonsense; pct=0", DmarcPolicy.Reject)]
    public async Task A_failing_message_gets_the_disposition_of_the_record(string tags, DmarcPolicy disposition)
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; " + tags);
        var outcome = await EvaluateAsync("example.test", Spf("other.test"));
        Assert.Equal((DmarcResult.Fail, disposition), (outcome.Result, outcome.Disposition));
    }

    [Theory]
    [InlineData("v=DMARC1;p=reject", "v=DMARC1;p=none")]
    [InlineData("v=DMARC2; p=reject", "unrelated")]
    [InlineData("p=reject; v=DMARC1", "unrelated")]
    [InlineData("v=dmarc1; p=reject", "unrelated")]
    public async Task Several_records_or_a_wrong_version_count_as_no_record(string first, string second)
    {
        _zone.Text("_dmarc.example.test", first).Text("_dmarc.example.test", second);
        Assert.Equal(DmarcResult.None, (await EvaluateAsync("example.test")).Result);
    }

    [Theory]
    [InlineData("", "example.test", true)]
    [InlineData("", "bounce.example.test", true)]
    [InlineData("; aspf=s", "bounce.example.test", false)]
    [InlineData("; aspf=s", "Example.test.", true)]
    [InlineData("", "example.other", false)]
    [InlineData("", "test", false)]
    [InlineData("", "notexample.test", false)]
    public async Task SPF_counts_only_when_its_domain_is_aligned(string tags, string domain, bool isAligned)
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject" + tags);
        Assert.Equal(isAligned ? DmarcResult.Pass : DmarcResult.Fail, (await EvaluateAsync("example.test", Spf(domain))).Result);
    }

    [Theory]
    [InlineData("", "mail.example.test", true)]
    [InlineData("; adkim=s", "mail.example.test", false)]
    [InlineData("; adkim=s", "example.test", true)]
    public async Task One_aligned_signature_is_enough(string tags, string domain, bool isAligned)
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject" + tags);
        var outcome = await EvaluateAsync("example.test", Spf("example.test", SpfResult.Fail), Dkim("list.other", DkimResult.Pass), Dkim(domain, DkimResult.Pass));
        Assert.Equal(isAligned ? DmarcResult.Pass : DmarcResult.Fail, outcome.Result);
    }

    [Fact]
    public async Task A_subdomain_without_a_record_uses_the_policy_of_its_organizational_domain()
    {
        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject; sp=quarantine; np=none").Add("news.example.test", "A", IPAddress.Loopback);
        Assert.Equal(DmarcPolicy.Quarantine, (await EvaluateAsync("news.example.test", Spf("other.test"))).Disposition);
        Assert.Equal(DmarcPolicy.None, (await EvaluateAsync("missing.example.test", Spf("other.test"))).Disposition);
        Assert.Equal(DmarcResult.Pass, (await EvaluateAsync("news.example.test", Spf("bounce.example.test"))).Result);
    }

    [Fact]
    public async Task The_tree_walk_stops_at_the_record_with_the_fewest_labels()
    {
        _zone.Text("_dmarc.a.b.example.test", "v=DMARC1; p=none").Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var outcome = await EvaluateAsync("a.b.example.test", Spf("other.example.test"));
        Assert.Equal((DmarcResult.Pass, DmarcPolicy.None), (outcome.Result, outcome.Policy));
    }

    [Fact]
    public async Task Psd_n_marks_the_organizational_domain_and_psd_y_the_label_above_it()
    {
        _zone.Text("_dmarc.bank.example.test", "v=DMARC1; p=reject; psd=n").Text("_dmarc.example.test", "v=DMARC1; p=reject");
        Assert.Equal(DmarcResult.Fail, (await EvaluateAsync("bank.example.test", Spf("example.test"))).Result);
        Assert.Equal(DmarcResult.Pass, (await EvaluateAsync("bank.example.test", Spf("mail.bank.example.test"))).Result);

        _zone.Text("_dmarc.suffix", "v=DMARC1; p=reject; psd=y");
        Assert.Equal(DmarcResult.Pass, (await EvaluateAsync("www.one.suffix", Spf("mail.one.suffix"))).Result);
        var outcome = await EvaluateAsync("www.one.suffix", Spf("two.suffix"));
        Assert.Equal((DmarcResult.Fail, DmarcPolicy.Reject), (outcome.Result, outcome.Disposition));
    }

    [Fact]
    public async Task A_long_name_takes_eight_queries()
    {
        await EvaluateAsync("a.b.c.d.e.f.g.h.i.j.mail.example.com");
        Assert.Equal(8, _zone.Questions.Count);
        Assert.Equal("_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com TXT", _zone.Questions[0]);
        Assert.Equal("_dmarc.g.h.i.j.mail.example.com TXT", _zone.Questions[1]);
        Assert.Equal("_dmarc.com TXT", _zone.Questions[^1]);
    }

    [Fact]
    public async Task A_DNS_failure_is_neither_pass_nor_fail()
    {
        _zone.Fail("_dmarc.broken.test");
        Assert.Equal(DmarcResult.TempError, (await EvaluateAsync("broken.test", Spf("broken.test"))).Result);

        _zone.Text("_dmarc.example.test", "v=DMARC1; p=reject");
        var undecided = await EvaluateAsync("example.test", Spf("example.test", SpfResult.TempError));
        Assert.Equal((DmarcResult.TempError, DmarcPolicy.None), (undecided.Result, undecided.Disposition));
        // A signature in the name of a domain with broken DNS has no effect.
        var forged = await EvaluateAsync("example.test", Spf("evil.other"), Dkim("evil.other", DkimResult.TempError));
        Assert.Equal((DmarcResult.Fail, DmarcPolicy.Reject), (forged.Result, forged.Disposition));
    }

    [Theory]
    [InlineData("From: A <a@one.test>\r\n", "one.test")]
    [InlineData("From: a@one.test, B <b@two.test>\r\n", "one.test two.test")]
    [InlineData("From: a@one.test\r\nSubject: x\r\nfrom : b@Two.test\r\n", "one.test two.test")]
    [InlineData("From: \"x@decoy.test\" <a@one.test>\r\n", "one.test")]
    [InlineData("From: ceo@bank.test <a@one.test\r\n", "bank.test one.test")]
    [InlineData("From: a@one.test b@two.test\r\n", "one.test two.test")]
    [InlineData("Subject: no author\r\n", "")]
    public void Every_author_domain_that_a_mail_reader_may_show_is_evaluated(string header, string domains) =>
        Assert.Equal(domains, string.Join(' ', AuthorDomains.Find(Encoding.ASCII.GetBytes(header + "\r\n"))));

    private Task<DmarcOutcome> EvaluateAsync(string author, SpfOutcome? spf = null, params DkimOutcome[] dkim) =>
        new DmarcEvaluator(_zone).EvaluateAsync(author, spf, dkim, CancellationToken.None);

    private static SpfOutcome Spf(string domain, SpfResult result = SpfResult.Pass) => new(result, domain, "", null, []);

    private static DkimOutcome Dkim(string domain, DkimResult result) => new() { Result = result, Reason = "", Domain = domain };
}
