using System.IO.Compression;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Reports;
using MailServer.Protocol.Tests.ContentLines;

namespace MailServer.Protocol.Tests.Reports;

/// <summary>Reports as written by others, valid and invalid.</summary>
public sealed class ReportReadingTests
{
    private const string Start = "<feedback><report_metadata><org_name>o</org_name><date_range><begin>1</begin><end>2</end></date_range></report_metadata><policy_published><domain>d.test</domain></policy_published>";
    private const string Record = "<record><row><source_ip>192.0.2.1</source_ip><count>1</count></row></record>";

    public static TheoryData<string> Bare => ConformanceFiles.In("reports", "*.xml");

    public static TheoryData<string> Mails => ConformanceFiles.In("reports", "*.eml");

    [ConformanceFiles.Required]
    [MemberData(nameof(Bare))]
    public void Every_plain_sample_is_parsed_and_round_trips(string file)
    {
        var report = ReportDocument.Read(ConformanceFiles.Read(file), Limits.Default).Dmarc!;
        Assert.NotEmpty(report.Organization);
        Assert.NotEmpty(report.Policy.Domain);
        Assert.All(report.Rows, r => Assert.True(r.Count > 0 && r.Source.Length > 0 && r.HeaderFrom.Length > 0));
        var again = ReportDocument.Read(ReportCompressor.Compress(report), Limits.Default).Dmarc!;
        Assert.Equivalent(report, again, strict: true);
    }

    [ConformanceFiles.Required]
    [MemberData(nameof(Mails))]
    public void The_report_in_every_sample_mail_is_found_and_parsed(string file)
    {
        var content = new InMemoryContent(ConformanceFiles.Read(file));
        var summary = new MessageFormat(Limits.Default).Summarize(content);
        Assert.True(ReportAttachments.MayContainReport(summary));
        var document = ReportDocument.Read(Assert.Single(ReportAttachments.Find(summary, content, Limits.Default)), Limits.Default);
        Assert.Equal(file.Contains("tlsrpt", StringComparison.Ordinal), document.Tls is not null);
        Assert.True(document.Tls?.Sessions > 0 || document.Dmarc?.Messages > 0);
        if (document.Tls is { } tls) Assert.Equivalent(tls, ReportDocument.Read(ReportCompressor.Compress(tls), Limits.Default).Tls, strict: true);
    }

    [ConformanceFiles.Required]
    [MemberData(nameof(TlsSamples))]
    public void Every_plain_TLS_sample_is_parsed(string file) =>
        Assert.NotEmpty(ReportDocument.Read(ConformanceFiles.Read(file), Limits.Default).Tls!.Policies);

    public static TheoryData<string> TlsSamples => ConformanceFiles.In("reports", "*.json");

    [ConformanceFiles.Required]
    [MemberData(nameof(Bare))]
    public void A_truncated_report_is_refused_and_never_partially_parsed(string file)
    {
        var whole = ConformanceFiles.Read(file);
        var end = Encoding.ASCII.GetString(whole).LastIndexOf("</feedback>", StringComparison.Ordinal);
        for (var length = 0; length < end; length += 37) Refused(whole[..length]);
    }

    [Fact]
    public void Every_field_of_an_RFC_9990_record_is_parsed()
    {
        var report = Read("""
            <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>
            <report_metadata><org_name>Reporter</org_name><email>r@r.test</email><report_id>id</report_id><date_range><begin>302832000</begin><end>302918399</end></date_range><generator>g</generator></report_metadata>
            <policy_published><domain>d.test</domain><p>reject</p><np>none</np><testing>y</testing><discovery_method>treewalk</discovery_method></policy_published>
            <record><row><source_ip>2001:db8::1</source_ip><count>7</count><policy_evaluated><disposition>pass</disposition><dkim>pass</dkim><spf>fail</spf><reason><type>other</type><comment>why</comment></reason></policy_evaluated></row>
            <identifiers><header_from>d.test</header_from><envelope_from/></identifiers>
            <auth_results><dkim><domain>d.test</domain><selector>s</selector><result>pass</result></dkim><spf><domain>e.test</domain><result>softfail</result></spf></auth_results></record></feedback>
            """).Dmarc!;
        Assert.Equal(("Reporter", "r@r.test", "id", "g"), (report.Organization, report.Email, report.ReportId, report.Generator));
        Assert.Equal(302832000, report.Begin.ToUnixTimeSeconds());
        Assert.Equal(("reject", "none", "y", "treewalk"), (report.Policy.Policy, report.Policy.NonexistentPolicy, report.Policy.Testing, report.Policy.Discovery));
        var row = Assert.Single(report.Rows);
        Assert.Equal(("2001:db8::1", 7L, "pass", true, false, ""), (row.Source, row.Count, row.Disposition, row.DkimAligned, row.SpfAligned, row.EnvelopeFrom));
        Assert.Equal(new PolicyOverrideReason("other", "why"), Assert.Single(row.Reasons));
        Assert.Equal(new DkimObservation("d.test", "s", "pass"), Assert.Single(row.Dkim));
        Assert.Equal(new SpfObservation("e.test", "softfail"), Assert.Single(row.Spf));
        Assert.Equal((7L, 0L), (report.Messages, report.Failures));
    }

    [Theory]
    [InlineData("<!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><feedback>&x;</feedback>")]
    [InlineData("<!DOCTYPE feedback><feedback/>")]
    [InlineData("<feedback/>")]
    [InlineData("<other/>")]
    [InlineData("<feedback")]
    [InlineData("{}")]
    [InlineData("{\"policies\":[{}]}")]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("<?xml version=\"1.0\" encoding=\"nonsense\"?><feedback/>")]
    [InlineData("{\"report-id\":\"\\ud800\",\"policies\":[{}]}")]
    [InlineData(Start + "<record><row><count>-1</count></row></record></feedback>")]
    [InlineData("<feedback><report_metadata><date_range><begin>99999999999999</begin></date_range></report_metadata></feedback>")]
    public void Invalid_reports_are_refused(string text) => Refused(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_decompression_bomb_is_detected_before_it_expands()
    {
        var small = Limits.Default with { ReportDocument = 1024 * 1024 };
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write("<feedback><a>"u8);
            for (var i = 0; i < 2_000; i++) gzip.Write(new string('x', 1024).Select(c => (byte)c).ToArray());
        }

        Assert.Contains("too large when decompressed", Refused(packed.ToArray(), small).Message, StringComparison.Ordinal);
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("r.xml", CompressionLevel.SmallestSize).Open())
        {
            entry.Write("<feedback><a>"u8);
            for (var i = 0; i < 2_000; i++) entry.Write(new byte[1024].Select(_ => (byte)'x').ToArray());
        }

        Assert.Contains("too large when decompressed", Refused(zip.ToArray(), small).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_and_depth_are_limited_and_texts_are_truncated()
    {
        var small = Limits.Default with { ReportRecords = 10, ReportText = 50 };
        Refused(Encoding.UTF8.GetBytes(Start + string.Concat(Enumerable.Repeat(Record, 11)) + "</feedback>"), small);
        Refused(Encoding.UTF8.GetBytes(Start + string.Concat(Enumerable.Repeat("<a>", 100)) + string.Concat(Enumerable.Repeat("</a>", 100)) + "</feedback>"), small);
        Refused(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100) + new string(']', 100) + "}"), small);
        var policies = string.Join(',', Enumerable.Repeat("{\"policy\":{}}", 11));
        Refused(Encoding.UTF8.GetBytes($$"""{"date-range":{"start-datetime":"2020-01-01T00:00:00Z","end-datetime":"2020-01-02T00:00:00Z"},"policies":[{{policies}}]}"""), small);
        var report = ReportDocument.Read(Encoding.UTF8.GetBytes((Start + Record + "</feedback>").Replace(">o<", $">{new string('o', 4_000)}<", StringComparison.Ordinal)), small).Dmarc!;
        Assert.Equal(50, report.Organization.Length);
        Assert.Single(report.Rows);
    }

    [Fact]
    public void A_zip_of_many_files_is_refused()
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
            for (var i = 0; i < 17; i++) archive.CreateEntry($"{i}.xml");
        Assert.Contains("too many files", Refused(zip.ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_randomly_damaged_report_is_at_worst_refused()
    {
        var report = Read(Start + Record + "</feedback>").Dmarc!;
        byte[][] seeds = [ReportCompressor.Compress(report), Encoding.UTF8.GetBytes(Start + Record + "</feedback>"), Encoding.UTF8.GetBytes("""{"date-range":{"start-datetime":"2020-01-01T00:00:00Z","end-datetime":"2020-01-02T00:00:00Z"},"policies":[{"policy":{"policy-type":"sts"}}]}""")];
        var random = new Random(9990);
        for (var i = 0; i < 3_000; i++)
        {
            var damaged = seeds[i % seeds.Length].ToArray();
            for (var n = random.Next(1, 5); n > 0; n--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                ReportDocument.Read(damaged, Limits.Default);
            }
            catch (ReportFormatException)
            {
                // The expected outcome.
            }
        }

        Assert.Equal("o", report.Organization);
    }

    private static ReportDocument Read(string text) => ReportDocument.Read(Encoding.UTF8.GetBytes(text), Limits.Default);

    private static ReportFormatException Refused(byte[] octets, Limits? limits = null) =>
        Assert.Throws<ReportFormatException>(() => ReportDocument.Read(octets, limits ?? Limits.Default));
}
