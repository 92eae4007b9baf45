using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Reports;
using MimeKit;

namespace MailServer.Protocol.Tests.Reports;

/// <summary>The format of our reports, by the schema of RFC 9990 Appendix A and the example of RFC 8460 Appendix B.</summary>
public sealed class ReportWritingTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.FromUnixTimeSeconds(1_700_006_400);

    private static readonly DmarcReport Report = new()
    {
        Organization = "us.test",
        Email = "postmaster@us.test",
        ReportId = "1.2.d.test@us.test",
        Begin = Begin,
        End = Begin.AddDays(1).AddSeconds(-1),
        Generator = "mailserver",
        Policy = DmarcPolicyText.Describe("d.test", "v=DMARC1; p=reject; sp=none; rua=mailto:a@d.test"),
        Rows =
        [
            new DmarcReportRow
            {
                Source = "192.0.2.1",
                Count = 3,
                Disposition = "none",
                DkimAligned = false,
                SpfAligned = false,
                Reasons = [new PolicyOverrideReason("local_policy", "a < b & \u0001")],
                HeaderFrom = "d.test",
                EnvelopeFrom = "",
                Dkim = [new DkimObservation("x.test", "s", "fail"), new DkimObservation("y.test", "t", "pass")],
                Spf = [new SpfObservation("z.test", "softfail")],
            },
        ],
    };

    private static readonly TlsReport Tls = new()
    {
        Organization = "us.test",
        Contact = "postmaster@us.test",
        ReportId = "1.2.d.test@us.test",
        Begin = Begin,
        End = Begin.AddDays(1).AddSeconds(-1),
        Policies =
        [
            new TlsReportPolicy
            {
                Type = "sts",
                Strings = ["version: STSv1", "mode: enforce"],
                Domain = "d.test",
                MxHosts = ["*.d.test"],
                Successful = 5326,
                Failed = 3,
                Failures = [new TlsReportFailure { Type = "certificate-expired", Count = 3, MxHost = "mx.d.test", ReceivingAddress = "192.0.2.9", Information = "expired" }],
            },
        ],
    };

    /// <summary>The schema, as path and the names below it in order; <c>?</c>: may be missing, <c>*</c>: any number, <c>+</c>: at least one.</summary>
    private static readonly Dictionary<string, string[]> Schema = new(StringComparer.Ordinal)
    {
        ["feedback"] = ["version?", "report_metadata", "policy_published", "extension?", "record+"],
        ["report_metadata"] = ["org_name", "email", "extra_contact_info?", "report_id", "date_range", "error?", "generator?"],
        ["date_range"] = ["begin", "end"],
        ["policy_published"] = ["domain", "p", "sp?", "np?", "adkim?", "aspf?", "discovery_method?", "fo?", "testing?"],
        ["record"] = ["row", "identifiers", "auth_results"],
        ["row"] = ["source_ip", "count", "policy_evaluated"],
        ["policy_evaluated"] = ["disposition", "dkim", "spf", "reason*"],
        ["reason"] = ["type", "comment?"],
        ["identifiers"] = ["header_from", "envelope_from?", "envelope_to?"],
        ["auth_results"] = ["dkim*", "spf?"],
        ["auth_results/dkim"] = ["domain", "selector", "result", "human_result?"],
        ["auth_results/spf"] = ["domain", "scope?", "result", "human_result?"],
    };

    [Fact]
    public void The_generated_report_follows_the_schema_element_by_element()
    {
        var stream = new MemoryStream();
        DmarcReportWriter.Write(stream, Report);
        var root = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).Root!;
        Assert.All(root.DescendantsAndSelf(), e => Assert.Equal("urn:ietf:params:xml:ns:dmarc-2.0", e.Name.NamespaceName));
        Check(root);
        Assert.Equal("1.0", root.Element(root.Name.Namespace + "version")!.Value);
    }

    [Fact]
    public void Missing_tags_have_their_defaults()
    {
        var policy = DmarcPolicyText.Describe("d.test", "v=DMARC1;P=Quarantine; adkim=s; t=y; np=nonsense; fo=1:d");
        Assert.Equal(
            new DmarcPublishedPolicy { Domain = "d.test", Policy = "quarantine", SubdomainPolicy = "quarantine", DkimAlignment = "s", SpfAlignment = "r", Discovery = "treewalk", FailureOptions = "1:d", Testing = "y" },
            policy);
    }

    [Fact]
    public void A_TLS_report_is_the_JSON_of_RFC_8460()
    {
        var stream = new MemoryStream();
        TlsReportWriter.Write(stream, Tls);
        using var json = System.Text.Json.JsonDocument.Parse(stream.ToArray());
        var root = json.RootElement;
        Assert.Equal(["organization-name", "date-range", "contact-info", "report-id", "policies"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("2023-11-15T00:00:00Z", root.GetProperty("date-range").GetProperty("start-datetime").GetString());
        Assert.Equal("2023-11-15T23:59:59Z", root.GetProperty("date-range").GetProperty("end-datetime").GetString());
        var policy = root.GetProperty("policies")[0];
        Assert.Equal("sts", policy.GetProperty("policy").GetProperty("policy-type").GetString());
        Assert.Equal("*.d.test", policy.GetProperty("policy").GetProperty("mx-host")[0].GetString());
        Assert.Equal(5326, policy.GetProperty("summary").GetProperty("total-successful-session-count").GetInt32());
        var failure = policy.GetProperty("failure-details")[0];
        Assert.Equal(["result-type", "receiving-mx-hostname", "receiving-ip", "failed-session-count", "additional-information"], failure.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData(ReportKind.Dmarc)]
    [InlineData(ReportKind.Tls)]
    public void The_mail_has_the_specified_subject_file_name_and_type(ReportKind kind)
    {
        var mail = new ReportMail
        {
            Kind = kind,
            Domain = "d.test",
            From = EmailAddress.Parse("postmaster@us.test"),
            ReportId = ReportMail.IdFor("d.test", Begin, Report.End, "us.test"),
            Begin = Begin,
            End = Report.End,
            Document = kind == ReportKind.Dmarc ? ReportCompressor.Compress(Report) : ReportCompressor.Compress(Tls),
        };
        var output = new ArrayBufferWriter<byte>();
        ReportMailWriter.Write(output, mail, EmailAddress.Parse("rua@d.test"), "unique", Begin);
        Assert.All(Encoding.ASCII.GetString(output.WrittenSpan).Split("\r\n"), line => Assert.True(line.Length <= 998 && !line.Contains('\n')));
        var message = MimeMessage.Load(new MemoryStream(output.WrittenSpan.ToArray()));
        Assert.Equal("Report Domain: d.test Submitter: us.test Report-ID: <1700006400.1700092799.d.test@us.test>", message.Subject);
        Assert.Equal("auto-generated", message.Headers["Auto-Submitted"]);
        var attachment = (MimeKit.MimePart)Assert.Single(message.Attachments);
        Assert.Equal("us.test!d.test!1700006400!1700092799." + (kind == ReportKind.Dmarc ? "xml.gz" : "json.gz"), attachment.FileName);
        Assert.Equal(kind == ReportKind.Dmarc ? "application/gzip" : "application/tlsrpt+gzip", attachment.ContentType.MimeType);
        Assert.Equal(kind == ReportKind.Tls ? "d.test" : null, message.Headers["TLS-Report-Domain"]);
        Assert.Equal(kind == ReportKind.Tls ? "us.test" : null, message.Headers["TLS-Report-Submitter"]);
        Assert.Equal(kind == ReportKind.Tls ? "tlsrpt" : null, message.Body!.ContentType.Parameters["report-type"]);

        var content = new InMemoryContent(output.WrittenMemory);
        var read = ReportDocument.Read(Assert.Single(ReportAttachments.Find(new MessageFormat(Limits.Default).Summarize(content), content, Limits.Default)), Limits.Default);
        Assert.Equal(3 + (kind == ReportKind.Tls ? 5326 : 0), read.Dmarc?.Messages ?? read.Tls!.Sessions);
    }

    private static void Check(XElement element)
    {
        var key = element.Parent is { } parent && Schema.ContainsKey($"{parent.Name.LocalName}/{element.Name.LocalName}") ? $"{parent.Name.LocalName}/{element.Name.LocalName}" : element.Name.LocalName;
        var isLeaf = !Schema.TryGetValue(key, out var allowed) || (element.Parent?.Name.LocalName == "policy_evaluated" && key is "dkim" or "spf");
        if (isLeaf)
        {
            Assert.False(element.HasElements, $"{key} has elements");
            return;
        }

        var names = new Queue<string>(element.Elements().Select(e => e.Name.LocalName));
        foreach (var rule in allowed!)
        {
            var (name, sign) = rule[^1] is '?' or '*' or '+' ? (rule[..^1], rule[^1]) : (rule, '1');
            var count = 0;
            for (; names.TryPeek(out var next) && next == name; count++) names.Dequeue();
            Assert.True(sign switch { '?' => count <= 1, '*' => true, '+' => count >= 1, _ => count == 1 }, string.Create(CultureInfo.InvariantCulture, $"{count} times {name} in {key}"));
        }

        Assert.Empty(names);
        foreach (var child in element.Elements()) Check(child);
    }
}
