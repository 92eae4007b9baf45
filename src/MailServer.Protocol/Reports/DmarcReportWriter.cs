using System.Globalization;
using System.Text;
using System.Xml;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Writes an aggregate report in the schema of RFC 9990 Appendix A, which readers of the older RFC 7489 schema also understand.</summary>
public static class DmarcReportWriter
{
    private const string Namespace = "urn:ietf:params:xml:ns:dmarc-2.0";

    public static void Write(Stream output, DmarcReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n", CheckCharacters = false };
        using var xml = XmlWriter.Create(output, settings);
        xml.WriteStartElement("feedback", Namespace);
        Text(xml, "version", "1.0");
        WriteMetadata(xml, report);
        WritePolicy(xml, report.Policy);
        foreach (var row in report.Rows) WriteRecord(xml, row);
        xml.WriteEndElement();
    }

    private static void WriteMetadata(XmlWriter xml, DmarcReport report)
    {
        xml.WriteStartElement("report_metadata", Namespace);
        Text(xml, "org_name", report.Organization);
        Text(xml, "email", report.Email);
        Optional(xml, "extra_contact_info", report.ExtraContact);
        Text(xml, "report_id", report.ReportId);
        xml.WriteStartElement("date_range", Namespace);
        Text(xml, "begin", Seconds(report.Begin));
        Text(xml, "end", Seconds(report.End));
        xml.WriteEndElement();
        Optional(xml, "error", report.Error);
        Optional(xml, "generator", report.Generator);
        xml.WriteEndElement();
    }

    private static void WritePolicy(XmlWriter xml, DmarcPublishedPolicy policy)
    {
        xml.WriteStartElement("policy_published", Namespace);
        Text(xml, "domain", policy.Domain);
        Text(xml, "p", policy.Policy.Length > 0 ? policy.Policy : "none");
        Optional(xml, "sp", policy.SubdomainPolicy);
        Optional(xml, "np", policy.NonexistentPolicy);
        Optional(xml, "adkim", policy.DkimAlignment);
        Optional(xml, "aspf", policy.SpfAlignment);
        Optional(xml, "discovery_method", policy.Discovery);
        Optional(xml, "fo", policy.FailureOptions);
        Optional(xml, "testing", policy.Testing);
        xml.WriteEndElement();
    }

    private static void WriteRecord(XmlWriter xml, DmarcReportRow row)
    {
        xml.WriteStartElement("record", Namespace);
        xml.WriteStartElement("row", Namespace);
        Text(xml, "source_ip", row.Source);
        Text(xml, "count", row.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteStartElement("policy_evaluated", Namespace);
        Text(xml, "disposition", row.Disposition);
        Text(xml, "dkim", row.DkimAligned ? "pass" : "fail");
        Text(xml, "spf", row.SpfAligned ? "pass" : "fail");
        foreach (var reason in row.Reasons)
        {
            xml.WriteStartElement("reason", Namespace);
            Text(xml, "type", reason.Type);
            Optional(xml, "comment", reason.Comment);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteStartElement("identifiers", Namespace);
        Text(xml, "header_from", row.HeaderFrom);
        if (row.EnvelopeFrom is not null) Text(xml, "envelope_from", row.EnvelopeFrom);
        if (row.EnvelopeTo is not null) Text(xml, "envelope_to", row.EnvelopeTo);
        xml.WriteEndElement();
        WriteResults(xml, row);
        xml.WriteEndElement();
    }

    private static void WriteResults(XmlWriter xml, DmarcReportRow row)
    {
        xml.WriteStartElement("auth_results", Namespace);
        foreach (var dkim in row.Dkim)
        {
            xml.WriteStartElement("dkim", Namespace);
            Text(xml, "domain", dkim.Domain);
            Text(xml, "selector", dkim.Selector);
            Text(xml, "result", dkim.Result);
            xml.WriteEndElement();
        }

        foreach (var spf in row.Spf)
        {
            xml.WriteStartElement("spf", Namespace);
            Text(xml, "domain", spf.Domain);
            Text(xml, "scope", "mfrom");
            Text(xml, "result", spf.Result);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Optional(XmlWriter xml, string name, string text)
    {
        if (text.Length > 0) Text(xml, name, text);
    }

    private static void Text(XmlWriter xml, string name, string text) =>
        xml.WriteElementString(name, Namespace, text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Select(static c => XmlConvert.IsXmlChar(c) ? c : '?')));

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
